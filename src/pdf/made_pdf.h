/* PDF documents made for tests: plain and odd ones, byte by byte. */
#pragma once

#include "base/buf.h"
#include "pdf/pdf.h"

struct made_pdf {
	const char *name; /* a sentence: what is odd about it */
	int pages;        /* 0: one */
	int lines;        /* of text on each, besides its title */
	const char *media, *page, *tree, *catalog,
		*trailer; /* what to put there; NULL: the usual */
	/* Objects of their own, numbers 4, 5 ...: pages come after them. */
	const char *objects[6];
	int count;          /* what /Count says; 0: the truth */
	int cut_bytes;      /* taken off its end */
	int shift_xref;     /* by which startxref is wrong */
	const char *before; /* junk before the header */
	bool is_nested;     /* arrays in arrays, 200,000 deep */
	int chain;          /* so many objects, each of which refers to the next */
	bool is_bomb;       /* a content stream and an image that unpack to gigabytes */
};
/* Into a buffer that the caller releases. */
void made_pdf_write(const struct made_pdf *made, struct buf *ret);
/* Fails the test when it cannot be made. */
struct pdf_bytes made_pdf(const struct made_pdf *made);
struct pdf_bytes made_bytes(struct str bytes);
