/* Making a document ready to be signed: the certificate page, and every field, empty. */
#pragma once

#include "pdf/worker/form.h"

/* Of a document that is signed: it is added to only, so what may not stay refuses it. */
void prepare_check_signed(struct work *work, const struct form *form);
void prepare(struct work *work, const struct pdf_plan *plan);
