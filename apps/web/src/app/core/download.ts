/** Hands a text or bytes to the browser as a file. */
export function download(name: string, type: string, content: string | Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  // Revoked after the click has been taken up, else some browsers save nothing.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
