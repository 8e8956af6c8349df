/* An import of people as an answer that is made while it is read: each piece does the next rows and
 * says how far it is. A client that leaves stops it after the rows at hand; sending the same list
 * again goes on there. For the page and for the API. */
#pragma once

#include "core/people_import.h"
#include "core/session_rights.h"
#include "http/request.h"

struct import_job;

/* How the answer looks. Each adds to `out`. */
struct import_words {
	struct str content_type;
	enum err (*begin)(struct import_job *job, struct buf *out);
	/* Rows of [from, job->import.at) are done. */
	enum err (*rows)(struct import_job *job, struct buf *out, size_t from);
	enum err (*end)(struct import_job *job, struct buf *out);
};

struct import_job {
	struct stream_source base;
	struct arena arena; /* of all that outlives the request: cx, rows */
	struct cx cx;
	struct session_rights rights;
	struct buf bytes; /* the list as it came */
	struct people_import import;
	struct form_errors errors;
	const struct import_words *words;
	bool is_dry;
	bool has_begun;
};

/* With a context of its own; the session is opened by `authenticate`. ERR_DENIED: there is none. */
enum err import_job_new(const struct cx *cx, const struct request *req,
			enum err (*authenticate)(struct cx *cx, const struct request *req),
			struct import_job **ret) MUST_CHECK;
/* NULL is fine. */
void import_job_free(struct import_job *job);
/* Puts it into the answer, which it belongs to from now on. Its rows were read before. */
void import_job_answer(struct import_job *job, const struct import_words *words,
		       struct response *res);
