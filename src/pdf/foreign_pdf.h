/* For tests: documents that somebody else has signed, and their updates, written by hand: nothing
 * of them is made by the worker. */
#pragma once

#include "pdf/pdf_fixture.h"

/* Their first objects; the page and its contents follow. */
enum { FOREIGN_FIELD = 4, FOREIGN_VALUE, FOREIGN_OTHER, FOREIGN_PAGE = 10, FOREIGN_CONTENTS };
/* A plain page with one field; the form is a part of the catalog. */
#define FOREIGN_CATALOG(more)                                                                      \
	"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>" more ">>"
#define FOREIGN_PAGE_WITH(annotations, more)                                                       \
	"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"          \
	"/Contents 11 0 R/Annots[4 0 R" annotations "]" more ">>"

struct foreign_object {
	int number;
	const char *body;
};
/* Signed. rules: of the signature's dictionary ("/Reference[...]"); other: one more object, or
 * NULL.
 */
void foreign_make(struct pdf_fixture *it, const char *rules, const char *other);
/* The same, signed only after its table of objects was made a stream. */
void foreign_make_streamed(struct pdf_fixture *it);
/* An update with these objects, up to one without a number. */
void foreign_add(struct pdf_fixture *it, const struct foreign_object *objects);
/* An update with the same and one more signature: field `number`, its value after it. The page and
 * the form are the caller's. */
void foreign_add_signed(struct pdf_fixture *it, const struct foreign_object *objects, int number);
