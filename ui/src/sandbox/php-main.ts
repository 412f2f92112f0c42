/**
 * The PHP side of a run: what PHP's own command line does around a program. __MAIN__ is the file's
 * path and __NAME__ its name, both as strings of PHP.
 *
 * This build has no readline and no iconv: those functions of them that programs use are here.
 */
export const PHP_MAIN = String.raw`<?php
define('STDIN', fopen('php://stdin', 'r'));
define('STDOUT', fopen('php://stdout', 'w'));
define('STDERR', fopen('php://stderr', 'w'));
chdir('/');
ini_set('memory_limit', '384M');
ob_implicit_flush(true);
if (!function_exists('readline')) {
  function readline(?string $prompt = null): string|false {
    echo $prompt ?? '';
    $line = fgets(STDIN);
    return $line === false ? false : rtrim($line, "\r\n");
  }
  function readline_add_history(string $prompt): true { return true; }
}
if (!function_exists('iconv') && function_exists('mb_strlen')) {
  function iconv(string $from, string $to, string $string): string|false {
    return mb_convert_encoding($string, preg_replace('~//.*~', '', $to), $from);
  }
  function iconv_strlen(string $string, ?string $encoding = null): int|false { return mb_strlen($string, $encoding); }
  function iconv_substr(string $string, int $offset, ?int $length = null, ?string $encoding = null): string|false {
    return mb_substr($string, $offset, $length, $encoding);
  }
  function iconv_strpos(string $haystack, string $needle, int $offset = 0, ?string $encoding = null): int|false {
    return mb_strpos($haystack, $needle, $offset, $encoding);
  }
  function iconv_strrpos(string $haystack, string $needle, ?string $encoding = null): int|false {
    return mb_strrpos($haystack, $needle, 0, $encoding);
  }
}
$argv = $_SERVER['argv'] = [__NAME__];
$argc = $_SERVER['argc'] = 1;
require __MAIN__;
`;
