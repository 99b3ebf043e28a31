/** What spreadsheets take for the end of a cell or a row, or would run: text from chats must be neither. */
function cell(text: string): string {
  const plain = /^\d[\d\s.,\u00a0\u202f]*$/.test(text) ? text.replace(/\D/g, '') : text; // a count, whatever its locale groups digits with
  const safe = /^[=+@\t\r]|^-\D/.test(plain) ? `'${plain}` : plain;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows as RFC 4180 has them. */
export const csvOf = (rows: readonly (readonly string[])[]): string => rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

/** Hands a text to the reader as a file. */
export function saveAs(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
