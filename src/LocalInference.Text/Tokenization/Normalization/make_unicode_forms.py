"""Writes unicode-forms.bin, the table behind UnicodeForms.cs, from Python's own Unicode data. Run in this folder: python3 make_unicode_forms.py

Numbers are unsigned LEB128; code points that ascend are written as differences. Four lists, each begun by its length:
  combining classes:        code point, class
  canonical decompositions: code point, length, code points (full, not one step)
  compatible ones:          code point, length, code points (full; only where they differ from the canonical one)
  compositions:             composed code point, first, second (primary composites only)
Hangul is arithmetic and is in none of them.
"""
import unicodedata

ALL = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and not 0xAC00 <= c <= 0xD7A3]
out = bytearray()


def number(value):
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def rows(table):
    number(len(table))
    last = 0
    for code_point, values in sorted(table.items()):
        number(code_point - last)
        last = code_point
        for value in values:
            number(value)


def counted(text):
    return [len(text)] + [ord(c) for c in text]


def form(name, c):
    return unicodedata.normalize(name, chr(c))


def pair(c):
    raw = unicodedata.decomposition(chr(c))
    parts = [] if raw.startswith('<') else [int(x, 16) for x in raw.split()]
    return parts if len(parts) == 2 and form('NFC', c) == chr(c) else None


rows({c: [unicodedata.combining(chr(c))] for c in ALL if unicodedata.combining(chr(c))})
rows({c: counted(form('NFD', c)) for c in ALL if form('NFD', c) != chr(c)})
rows({c: counted(form('NFKD', c)) for c in ALL if form('NFKD', c) != form('NFD', c)})
rows({c: pair(c) for c in ALL if pair(c)})
open('unicode-forms.bin', 'wb').write(out)
print('Unicode', unicodedata.unidata_version, len(out), 'bytes')
