/* Whether one object is what it was, but for what may be another. */
#pragma once

#include "pdf/worker/changes_search.h"

bool changes_same_object(struct changes *changes, int number, pdf_obj *was, pdf_obj *is);
