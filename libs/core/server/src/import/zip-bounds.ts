/*
 * What a zip archive says it holds, read from its central directory alone: nothing is unpacked. Who unpacks it must read the
 * same directory, and hold each entry to the size it declares there, as `hucre` does. So whatever would send it elsewhere for
 * either is refused: a second directory (zip64), and an entry whose sizes are beside its content (flag 3).
 */
const ofDirectory = 0x06054b50;
const ofEntry = 0x02014b50;
const longestComment = 65_557;
const fixedBytes = 46;
/** In a field of 4 bytes, and in one of 2: the figure is elsewhere (zip64). */
const elsewhere = 0xffffffff;
const elsewhereIn2 = 0xffff;
/** Of the flags of an entry: its sizes follow its content. */
const sizesFollow = 8;

/** A file of the archive, and how many bytes it has unpacked. */
export interface ZipPart {
  readonly name: string;
  readonly size: number;
}
const longestName = 100;

/** What it holds; null for what is no archive, or one that does not say how large its entries are. */
export function partsOf(archive: Uint8Array): readonly ZipPart[] | null {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = archive.length - 22;
  while (end >= Math.max(0, archive.length - longestComment) && view.getUint32(end, true) !== ofDirectory) end -= 1;
  if (end < 0 || view.getUint32(end, true) !== ofDirectory) return null;
  const count = view.getUint16(end + 10, true);
  const bytes = view.getUint32(end + 12, true);
  let at = view.getUint32(end + 16, true);
  if (count === elsewhereIn2 || bytes === elsewhere || at === elsewhere) return null;
  const parts: ZipPart[] = [];
  for (let left = count; left > 0; left -= 1) {
    if (at + fixedBytes > archive.length || view.getUint32(at, true) !== ofEntry) return null;
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const name = archive.subarray(at + fixedBytes, at + fixedBytes + view.getUint16(at + 28, true));
    const isFolder = name.at(-1) === 0x2f;
    const isBeside = (view.getUint16(at + 8, true) & sizesFollow) !== 0 && packed === 0;
    // Two bytes pack nothing (an empty deflate stream); a size of zero over more would be no bound.
    if (
      packed === elsewhere ||
      size === elsewhere ||
      isBeside ||
      (size === 0 && packed > 2) ||
      (packed === 0 && size > 0 && !isFolder)
    )
      return null;
    parts.push({ name: new TextDecoder().decode(name).slice(0, longestName), size });
    at += fixedBytes + name.length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return parts;
}

/**
 * What of it is more than may be unpacked, of one part or of all together, which `part` then is the largest of; null for an
 * archive within both bounds.
 */
export function tooLargeIn(
  parts: readonly ZipPart[],
  most: { readonly part: number; readonly unpacked: number },
): { readonly part: string; readonly bytes: number; readonly most: number; readonly isWhole: boolean } | null {
  const [largest] = parts.toSorted((one, other) => other.size - one.size);
  if (!largest) return null;
  if (largest.size > most.part) return { part: largest.name, bytes: largest.size, most: most.part, isWhole: false };
  const bytes = parts.reduce((sum, { size }) => sum + size, 0);
  return bytes > most.unpacked ? { part: largest.name, bytes, most: most.unpacked, isWhole: true } : null;
}
