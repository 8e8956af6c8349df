/* What the rules allow to be another than it was. */
#pragma once

#include "pdf/worker/changes_search.h"

enum changes_allowed {
	CHANGES_ALLOWED_NOTHING,
	CHANGES_ALLOWED_CATALOG,
	CHANGES_ALLOWED_CATALOG_AND_FORM, /* which is a part of it, no object of its own */
	CHANGES_ALLOWED_FIELD,
	CHANGES_ALLOWED_FORM,
	CHANGES_ALLOWED_ANNOTATIONS,
	CHANGES_ALLOWED_PAGES,
};
/* In this object, which is the number-th. */
enum changes_allowed changes_allowed_in(struct changes *changes, int number, pdf_obj *was,
					pdf_obj *is);
enum changes_allowed changes_allowed_in_form(const struct changes *changes);
bool changes_allowed_key(const struct changes *changes, enum changes_allowed what, const char *key);
/* Where more may be added: all that was there is there still, in its order, and what is new is
 * allowed. */
bool changes_allowed_list(struct changes *changes, enum changes_list kind, pdf_obj *was,
			  pdf_obj *is);
/* Before what an object refers to is looked at. */
void changes_allowed_note_lists(struct changes *changes, int number, pdf_obj *was, pdf_obj *is);
/* The form, if it is a part of the catalog; else NULL. */
pdf_obj *changes_allowed_form_within(fz_context *ctx, pdf_obj *catalog);
