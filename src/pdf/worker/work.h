/* One job on one document. Functions of this folder that take a struct work throw (fitz: fz_throw)
 * instead of returning errors; refuse() throws a refusal. */
#pragma once

#include "base/arena.h"
#include "pdf/job.h"

#include <mupdf/fitz.h>
#include <mupdf/pdf.h>

/* A picture that is in the document already: initials may stand on every page. */
struct known_picture {
	struct str png;
	int number, width, height;
};
enum { KNOWN_PICTURES_MAX = 8 };

struct work {
	fz_context *ctx;
	pdf_document *doc;
	struct str bytes; /* the document as it came */
	int output_fd;
	struct arena *arena;
	struct buf *answer;
	struct typesetter *typesetter; /* fonts, once there is text */
	struct known_picture pictures[KNOWN_PICTURES_MAX];
	int picture_count;
	enum pdf_refusal refusal; /* why it was thrown; PDF_FINE: not because of the document */
};

/* Returns how the worker ends (WORKER_DONE: the answer is there). */
int work(const struct job *job, struct str document, int output_fd, struct arena *arena,
	 struct buf *answer);

_Noreturn void refuse(struct work *work, enum pdf_refusal refusal);
/* Zeroed; throws when there is no memory. */
void *work_alloc(struct work *work, size_t count, size_t bytes);
#define WORK_ARRAY(work, count, type) ((type *)work_alloc((work), (count), sizeof(type)))
