/*
 * What a zip archive says it holds, read from its central directory alone: nothing is unpacked. Who unpacks it must hold each
 * entry to the size it declares, as `hucre` does.
 */
const ofDirectory = 0x06054b50;
const ofEntry = 0x02014b50;
const longestComment = 65_557;
const fixedBytes = 46;
/** In a field of 4 bytes: the figure is elsewhere (zip64). */
const elsewhere = 0xffffffff;

/** Bytes of all entries unpacked; null for what is no archive, or one that does not say how large its entries are. */
export function unpackedSize(archive: Uint8Array): number | null {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = archive.length - 22;
  while (end >= Math.max(0, archive.length - longestComment) && view.getUint32(end, true) !== ofDirectory) end -= 1;
  if (end < 0 || view.getUint32(end, true) !== ofDirectory) return null;
  let at = view.getUint32(end + 16, true);
  let sum = 0;
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (at + fixedBytes > archive.length || view.getUint32(at, true) !== ofEntry) return null;
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const name = archive.subarray(at + fixedBytes, at + fixedBytes + view.getUint16(at + 28, true));
    const isFolder = name.at(-1) === 0x2f;
    // Two bytes pack nothing (an empty deflate stream); a size of zero over more would be no bound.
    if (
      packed === elsewhere ||
      size === elsewhere ||
      (size === 0 && packed > 2) ||
      (packed === 0 && size > 0 && !isFolder)
    )
      return null;
    sum += size;
    at += fixedBytes + name.length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return sum;
}
