/* The texts of mails (P3.3), for administrators. */
#pragma once

#include "core/texts.h"
#include "http/form.h"
#include "http/route.h"

handler_fn api_texts_list, api_texts_get, api_texts_put, api_texts_check;
/* api_text_versions.c */
handler_fn api_text_versions_list, api_text_versions_test;

/* Which text a request is about, and its query. ERR_NOT_FOUND: no such text, or not in this
 * language. */
enum err api_texts_find(struct cx *cx, const struct request *req, struct form *ret_query,
			enum texts_name *ret_name, const struct language **ret_language) MUST_CHECK;
