/* What others add to a document that came signed when they ask for more signatures: pages after the
 * last one, and fields. Nothing that was there may be another because of it. */
#pragma once

#include "pdf/worker/changes_search.h"

/* A field of its own with its place on a page: no part of one that was there, not of the name of
 * one (they would be the same field), and nothing that does something by itself. */
bool changes_additions_is_field(struct changes *changes, pdf_obj *field);
/* The pages that were there are the first ones still, in their order. */
bool changes_additions_keep_pages(struct changes *changes);
/* In the arena: "page 3, fields on page 1". */
const char *changes_additions_name(struct work *work, pdf_document *before);
