/* The form of a document: its fields, and the signatures among them. */
#pragma once

#include "pdf/worker/work.h"

struct form_field {
	pdf_obj *field;   /* borrowed */
	const char *name; /* full: "a.b"; in the arena */
	bool is_signature;
	bool is_signed;
};
struct form {
	struct form_field *items; /* those at the ends of the tree */
	size_t count;
	size_t signed_count;
};
/* Throws PDF_DAMAGED when it is too deep or too large. */
void form_read(struct work *work, pdf_document *doc, struct form *ret);
bool form_has_name(const struct form *form, const char *name);
/* Nobody may fill in what is there already. */
void form_lock(struct work *work, const struct form *form);
/* Whether the signatures that are there forbid what pdf_prepare() adds. */
bool form_is_shut(struct work *work, const struct form *form);
/* Whether this one of them does. */
bool form_is_shut_by(struct work *work, pdf_obj *field);
/* The AcroForm, made if there is none; with room for signatures. */
pdf_obj *form_make(struct work *work);
