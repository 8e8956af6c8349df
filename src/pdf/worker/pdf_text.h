/* Values as PDF wants them. */
#pragma once

#include "pdf/worker/work.h"

/* UTF-16 with a mark (PDF 1.7, 7.9.2.2), whatever is in it: so that no value can look like a part
 * of the document's structure to who searches its bytes. */
void pdf_text_put(struct work *work, pdf_obj *dict, const char *key, struct str utf8);
/* "D:20261123164500Z"; no library that would look for a time zone's file. */
void pdf_text_put_time(struct work *work, pdf_obj *dict, const char *key, int64_t at_ms);
/* The other way (PDF 1.7, 7.9.4), whatever stands there. 0: that is no time. */
int64_t pdf_text_read_time(struct str text);
/* "2026-11-23 16:45 UTC", in the arena. */
struct str pdf_text_time(struct work *work, int64_t at_ms);
/* Code points; in the arena. What is not UTF-8 becomes U+FFFD. */
uint32_t *pdf_text_runes(struct work *work, struct str utf8, size_t *ret_count);
/* Adds one code point as UTF-16BE. */
size_t pdf_text_utf16(uint32_t rune, uint8_t ret[4]);
/* A stream, packed. A new reference that the caller drops. */
pdf_obj *pdf_text_stream(struct work *work, pdf_obj *dict, const void *data, size_t len);
