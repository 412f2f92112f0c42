import MarkdownIt from 'markdown-it';

/** Longest text that is drawn as Markdown, in UTF-16 units; what is behind it is left out. */
const MAX_LENGTH = 100_000;
/** Most lines that are drawn, and most of one line: past these a second goes by. */
const MAX_LINES = 5_000;
const MAX_LINE = 20_000;

/** Addresses that a link may lead to. */
const SAFE_LINK = /^(https?:|mailto:|#)/i;

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });

markdown.validateLink = (url) => SAFE_LINK.test(url.trim());

// A page that others write may load nothing: a picture becomes a link to it.
markdown.renderer.rules.image = (tokens, index) => {
  const token = tokens[index];
  const source = String(token?.attrGet('src') ?? '');
  const label = markdown.utils.escapeHtml(token?.content || source);
  return link(markdown.utils.escapeHtml(source), label);
};

// Links open apart; and since the page has its own first headings, those of the text come below
// them.
markdown.core.ruler.push('parley', ({ tokens }) => {
  for (const token of tokens) {
    if (token.type === 'heading_open' || token.type === 'heading_close') {
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 2)}`;
    }
    for (const child of token.children ?? []) {
      if (child.type !== 'link_open') continue;
      child.attrSet('target', '_blank');
      child.attrSet('rel', 'noopener noreferrer nofollow');
    }
  }
});

// What is wider than its place scrolls, also by keyboard.
const code = markdown.renderer.rules.fence;
markdown.renderer.rules.fence = (...args) => (code?.(...args) ?? '').replace('<pre>', '<pre tabindex="0">');
const block = markdown.renderer.rules.code_block;
markdown.renderer.rules.code_block = (...args) =>
  (block?.(...args) ?? '').replace('<pre>', '<pre tabindex="0">');

function link(href: string, label: string): string {
  return `<a href="${href}" target="_blank" rel="noopener noreferrer nofollow">${label}</a>`;
}

/**
 * renderMarkdown gives HTML that holds no tag of the text's own, loads nothing, and opens links
 * apart.
 */
export function renderMarkdown(text: string): string {
  const lines = text.slice(0, MAX_LENGTH).split('\n', MAX_LINES);
  return markdown.render(lines.map((line) => line.slice(0, MAX_LINE)).join('\n'));
}
