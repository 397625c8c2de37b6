import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { fault, type SaftFault } from './finding.js';
import { Utf8Decoder } from './utf8.js';

/*
 * A streaming XML parser: a walk over elements with namespaces and line numbers, in bounded memory. It refuses what a SAF-T
 * file does not need: document types and entities, other encodings, endless text, deep nesting.
 */
export const maxDepth = 64;
/** Limit on the characters of one token: a text, a tag, a comment. */
export const maxToken = 1_000_000;
const pieceLength = 65_536;

export interface Element {
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly attributes: Readonly<Record<string, SaxesAttributeNS>>;
}
export interface Walk {
  open(element: Element): void;
  text(text: string): void;
  /** `line` is that of the end tag. */
  close(line: number): void;
}

export class XmlReader {
  private readonly utf8 = new Utf8Decoder();
  private readonly parser = new SaxesParser({ xmlns: true });
  /** Lines end at a line feed, as editors count them; a carriage return alone does not end a line. */
  private line = 1;
  private lineStart = 0;
  private depth = 0;
  private tagLine = 1;
  private written = 0;
  private lastEvent = 0;

  constructor(private readonly walk: Walk) {
    const { parser } = this;
    parser.on('error', (error) => {
      throw this.malformed(error.message);
    });
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') {
        throw fault(
          'saft.encoding',
          this.line,
          `The file declares the encoding ${encoding}; SAF-T is read as UTF-8 only.`,
        );
      }
    });
    parser.on('doctype', (doctype) => {
      const line = this.line - (doctype.match(/\n/g)?.length ?? 0);
      throw fault(
        'saft.doctype',
        line,
        'The file has a document type declaration, which could define entities. Remove it.',
      );
    });
    parser.on('opentagstart', () => {
      this.tagLine = this.line;
      this.lastEvent = this.written;
      this.depth += 1;
      if (this.depth > maxDepth) {
        throw fault('saft.too-deep', this.line, `Elements are nested deeper than ${maxDepth} levels.`);
      }
    });
    parser.on('opentag', (tag: SaxesTagNS) => {
      this.lastEvent = this.written;
      this.walk.open({ name: tag.local, uri: tag.uri, line: this.tagLine, attributes: tag.attributes });
    });
    parser.on('closetag', () => {
      this.lastEvent = this.written;
      this.depth -= 1;
      this.walk.close(this.line);
    });
    parser.on('text', (text) => this.take(text));
    parser.on('cdata', (text) => this.take(text));
    // Attributes do not count as progress, because a tag could have endlessly many.
    for (const event of ['comment', 'processinginstruction'] as const) {
      parser.on(event, () => {
        this.lastEvent = this.written;
      });
    }
  }

  /** Lines read; a line without characters yet does not count. */
  get lines(): number {
    return this.lineStart === this.written ? this.line - 1 : this.line;
  }

  write(chunk: Uint8Array, last = false): void {
    for (const text of this.utf8.decode(chunk, last)) this.feed(text);
    if (last) this.parser.close();
  }

  private feed(text: string): void {
    for (let from = 0; from < text.length;) {
      const end = text.indexOf('\n', from);
      const to = Math.min(end < 0 ? text.length : end + 1, from + pieceLength);
      const piece = text.slice(from, to);
      this.parser.write(piece);
      this.written += piece.length;
      // The parser buffers a token until it ends, so a token that never ends must be refused.
      if (this.written - this.lastEvent > maxToken + 2 * pieceLength) throw this.tooLong();
      if (to === end + 1) {
        this.line += 1;
        this.lineStart = this.written;
      }
      from = to;
    }
  }

  private tooLong(): SaftFault {
    return fault('saft.token-too-long', this.line, `One text, tag or comment is longer than ${maxToken} characters.`);
  }

  private take(text: string): void {
    if (text.length > maxToken) throw this.tooLong();
    this.lastEvent = this.written;
    this.walk.text(text);
  }

  private malformed(message: string): SaftFault {
    const column = Math.max(1, this.parser.position - this.lineStart);
    const said = message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
    return fault(
      'saft.malformed-xml',
      this.line,
      `Line ${this.line}, column ${column}: the XML is not well-formed: ${said}.`,
    );
  }
}
