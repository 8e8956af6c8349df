/* Everybody as CSV, made while it is read; for the page and for the API. */
#pragma once

#include "http/request.h"

/* For administrators; written into the audit log. */
enum err people_csv_answer(struct cx *cx, struct response *res) MUST_CHECK;
