import { useEffect, useState } from 'react';
import classes from './qr-code.module.css';

interface Code {
  size: number;
  /** Of the dark squares, in an SVG path. */
  path: string;
}

/**
 * QrCode shows a text that the camera of a phone can read. It is always dark on white, because
 * cameras need that.
 */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [code, setCode] = useState<Code | null>(null);
  useEffect(() => {
    let current = true;
    void import('../lib/qr-path').then(({ qrPath }) => {
      if (current) setCode(qrPath(text));
    });
    return () => {
      current = false;
    };
  }, [text]);
  return (
    <div className={classes.frame}>
      {code && (
        <svg
          role="img"
          aria-label={label}
          viewBox={`-4 -4 ${code.size + 8} ${code.size + 8}`}
          shapeRendering="crispEdges"
        >
          <rect x="-4" y="-4" width={code.size + 8} height={code.size + 8} fill="#fff" />
          <path d={code.path} fill="#000" />
        </svg>
      )}
    </div>
  );
}
