/* The jobs that postern-pdf does, and what it answers: written by one side, read by the other.
 *
 *   job     "pdf1" kind ...      one kind's fields, see job.c
 *   answer  "pdf1" refusal ...   the rest only when the refusal is PDF_FINE */
#pragma once

#include "pdf/pdf.h"
#include "pdf/wire.h"

/* The descriptors a worker is born with; it has no others. */
enum {
	WORKER_JOB_FD = 0,    /* memfd, read (by mapping, as the document) */
	WORKER_ANSWER_FD = 1, /* pipe, written */
	WORKER_LOG_FD = 2,    /* /dev/null */
	WORKER_INPUT_FD = 3,  /* memfd, read: the document */
	WORKER_OUTPUT_FD = 4, /* memfd, written: a new document, or what comes after the old one */
};
/* How a worker ends that says nothing. */
enum {
	WORKER_DONE = 0,
	WORKER_NO_JAIL = 60, /* the system cannot lock it up */
	WORKER_BAD_JOB,      /* nothing that a portal would ask */
	WORKER_NO_MEMORY,
	WORKER_TOO_DEEP, /* the document is */
	WORKER_BROKEN,   /* a mistake of ours */
};

enum job_kind {
	JOB_INSPECT = 1,
	JOB_PREPARE,
	JOB_SIGN,
	JOB_SIGNATURES,
	JOB_ESCAPE, /* tests only, and known to a worker that is made for them only */
};
struct job {
	enum job_kind kind;
	struct pdf_plan plan;       /* JOB_PREPARE */
	struct pdf_signing signing; /* JOB_SIGN */
	int64_t escape;             /* JOB_ESCAPE: which way out it tries */
};
void job_put(struct buf *out, const struct job *job);
/* ERR_INVALID: not written by job_put(). Texts are views. */
enum err job_read(struct str bytes, struct arena *arena, struct job *ret) MUST_CHECK;

/* A document that a worker has made. */
struct job_output {
	bool is_tail;  /* what comes after the document as it was; else a whole one */
	int64_t bytes; /* in WORKER_OUTPUT_FD */
};
void answer_begin(struct buf *out, enum pdf_refusal refusal);
/* What follows in an answer that is fine. ERR_INTERNAL: nonsense. */
enum err answer_read(struct str bytes, struct wire *ret, enum pdf_refusal *ret_refusal) MUST_CHECK;

void answer_put_facts(struct buf *out, const struct pdf_facts *facts);
enum err answer_facts(struct wire *wire, struct arena *arena, struct pdf_facts *ret) MUST_CHECK;
void answer_put_output(struct buf *out, const struct job_output *output);
enum err answer_output(struct wire *wire, struct job_output *ret) MUST_CHECK;
void answer_put_signatures(struct buf *out, const struct pdf_signatures *signatures);
enum err answer_signatures(struct wire *wire, struct arena *arena,
			   struct pdf_signatures *ret) MUST_CHECK;
