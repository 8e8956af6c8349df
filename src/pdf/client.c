/* What the portal asks of postern-pdf. */
#include "base/limits.h"
#include "pdf/result.h"
#include "pdf/signature_contents.h"
#include "pdf/signed_check.h"
#include "pdf/workers.h"

static enum err check_original(const struct pdf_bytes *document)
{
	return document->bytes > LIMIT_PDF_BYTES ? ERR_TOO_LARGE : OK;
}

/* Runs a job that makes no document. */
static enum err ask(struct pdf_workers *workers, const struct job *job,
		    const struct pdf_bytes *document, struct buf *answer, struct wire *ret_wire,
		    enum pdf_refusal *ret_refusal)
{
	struct pdf_bytes output;
	struct worker_run run = {.job = job, .document = document, .answer = answer};
	TRY(pdf_bytes_new(&output));
	run.output = &output;
	enum err err = pdf_workers_run(workers, &run, ret_wire, ret_refusal);
	pdf_bytes_free(&output);
	return err;
}

/* Runs a job that makes a document. */
static enum err make(struct pdf_workers *workers, const struct job *job,
		     const struct pdf_bytes *document, struct pdf_bytes *ret,
		     enum pdf_refusal *ret_refusal)
{
	CLEANUP_BUF struct buf answer;
	struct pdf_bytes output;
	struct worker_run run = {.job = job, .document = document, .answer = &answer};
	struct job_output made;
	struct wire wire;
	buf_init(&answer, LIMIT_PDF_ANSWER_BYTES);
	TRY(pdf_bytes_new(&output));
	run.output = &output;
	enum err err = pdf_workers_run(workers, &run, &wire, ret_refusal);
	if (err == OK)
		err = answer_output(&wire, &made);
	if (err != OK) {
		pdf_bytes_free(&output);
		return err;
	}
	return result_assemble(document, &output, &made, ret);
}

enum err pdf_prepare(struct pdf_workers *workers, const struct pdf_bytes *document,
		     const struct pdf_plan *plan, struct pdf_bytes *ret,
		     enum pdf_refusal *ret_refusal)
{
	const struct job job = {.kind = JOB_PREPARE, .plan = *plan};
	TRY(check_original(document));
	return make(workers, &job, document, ret, ret_refusal);
}

static enum err check_open(const struct pdf_bytes *before, struct pdf_open *open)
{
	struct str old, new;
	struct result_hole hole;
	TRY(pdf_bytes_map(before, &old));
	enum err err = pdf_bytes_map(&open->document, &new);
	if (err == OK) {
		bool is_added = str_starts_with(new, old) && new.len > old.len;
		err = is_added ? result_find_hole(new, before->bytes, &hole) : ERR_INTERNAL;
		pdf_bytes_unmap(new);
	}
	pdf_bytes_unmap(old);
	TRY(err);
	open->hole_from = hole.from;
	open->hole_until = hole.until;
	return OK;
}

enum err pdf_open_signature(struct pdf_workers *workers, const struct pdf_bytes *document,
			    const struct pdf_signing *signing, struct pdf_open *ret,
			    enum pdf_refusal *ret_refusal)
{
	const struct job job = {.kind = JOB_SIGN, .signing = *signing};
	struct pdf_open open;
	TRY(make(workers, &job, document, &open.document, ret_refusal));
	enum err err = check_open(document, &open);
	if (err != OK) {
		pdf_bytes_free(&open.document);
		return err;
	}
	*ret = open;
	return OK;
}

enum err pdf_signatures(struct pdf_workers *workers, const struct pdf_bytes *document,
			struct arena *arena, struct pdf_signatures *ret,
			enum pdf_refusal *ret_refusal)
{
	const struct job job = {.kind = JOB_SIGNATURES};
	CLEANUP_BUF struct buf answer;
	struct pdf_signatures found;
	struct wire wire;
	struct str view;
	buf_init(&answer, LIMIT_PDF_ANSWER_BYTES);
	TRY(ask(workers, &job, document, &answer, &wire, ret_refusal));
	TRY(answer_signatures(&wire, arena, &found));
	TRY(pdf_bytes_map(document, &view));
	enum err err = signature_contents(view, arena, &found);
	pdf_bytes_unmap(view);
	if (err == OK)
		*ret = found;
	return err;
}

static enum err check_signed(struct pdf_workers *workers, const struct pdf_bytes *document,
			     struct arena *arena, enum pdf_refusal *ret_refusal)
{
	struct pdf_signatures found;
	struct str view;
	TRY(pdf_signatures(workers, document, arena, &found, ret_refusal));
	TRY(pdf_bytes_map(document, &view));
	enum err err = signed_check(view, &found, arena, ret_refusal);
	pdf_bytes_unmap(view);
	return err;
}

enum err pdf_inspect(struct pdf_workers *workers, const struct pdf_bytes *document,
		     struct arena *arena, struct pdf_facts *ret, enum pdf_refusal *ret_refusal)
{
	const struct job job = {.kind = JOB_INSPECT};
	CLEANUP_BUF struct buf answer;
	struct pdf_facts facts;
	struct wire wire;
	buf_init(&answer, LIMIT_PDF_ANSWER_BYTES);
	TRY(check_original(document));
	TRY(ask(workers, &job, document, &answer, &wire, ret_refusal));
	TRY(answer_facts(&wire, arena, &facts));
	if (facts.signature_count > 0)
		TRY(check_signed(workers, document, arena, ret_refusal));
	*ret = facts;
	return OK;
}
