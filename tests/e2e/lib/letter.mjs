// Takes a plain-text mail apart: header fields (unfolded, RFC 2047 decoded), the readable text, its links.

function decodeBytes(text) {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function decodeQuoted(text) {
  return text.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

function decodeWords(text) {
  return text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, kind, part) =>
    decodeBytes(kind.toUpperCase() === 'B' ? Buffer.from(part, 'base64').toString('latin1')
      : decodeQuoted(part.replaceAll('_', ' '))));
}

function decodeBody(body, encoding) {
  if (encoding === 'quoted-printable')
    return decodeBytes(decodeQuoted(body.replace(/=\r?\n/g, '')));
  if (encoding === 'base64')
    return Buffer.from(body, 'base64').toString('utf8');
  return decodeBytes(body);
}

// `raw`: the mail's bytes as a latin1 string. Field names come out in lower case; a field that stands twice is a list.
export function readLetter(raw) {
  const end = /\r?\n\r?\n/.exec(raw);
  const fields = {};
  for (const line of raw.slice(0, end.index).replace(/\r?\n[ \t]/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = decodeWords(line.slice(colon + 1).trim());
    fields[name] = name in fields ? [fields[name], value].flat() : value;
  }
  const text = decodeBody(raw.slice(end.index + end[0].length), fields['content-transfer-encoding']);
  return { fields, text, links: text.match(/https?:\/\/\S+/g) ?? [] };
}
