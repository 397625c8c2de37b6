/** Hands a text to the browser as a file. */
export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // Revoked after the click has been taken up, else some browsers save nothing.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
