#include "api/api_import.h"

#include "api/api.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "http/form.h"
#include "web/import_job.h"
#include "web/people_csv.h"

#include <stdlib.h>

/* ---- the answer ---- */

static enum err say_begin(struct import_job *job, struct buf *out)
{
	struct json_write write = {.out = out};
	json_write_object(&write, NULL);
	json_write_bool(&write, "dry_run", job->is_dry);
	json_write_int(&write, "count", (int64_t)job->import.count);
	json_write_list(&write, "rows");
	return out->err;
}

static enum err say_rows(struct import_job *job, struct buf *out, size_t from)
{
	struct json_write write = {.out = out, .needs_comma = from > 0};
	for (size_t i = from; i < job->import.at; i++) {
		const struct import_row *row = &job->import.rows[i];
		json_write_object(&write, NULL);
		json_write_int(&write, "line", row->line);
		json_write_text(&write, "address", row->address);
		json_write_text(&write, "fate", str_of(people_import_word(row->fate)));
		json_write_object_end(&write);
	}
	return out->err;
}

static enum err say_end(struct import_job *job, struct buf *out)
{
	struct json_write write = {.out = out};
	json_write_list_end(&write);
	json_write_object(&write, "sums");
	for (int i = 1; i < IMPORT_FATES; i++)
		json_write_int(&write, people_import_word((enum import_fate)i),
			       job->import.tally[i]);
	json_write_object_end(&write);
	json_write_object_end(&write);
	return out->err;
}

static const struct import_words words = {
	.content_type = STR("application/json"),
	.begin = say_begin,
	.rows = say_rows,
	.end = say_end,
};

/* ---- the list comes ---- */

struct upload {
	struct body_sink base;
	struct import_job *job; /* NULL: handed on */
};

static enum err take(struct body_sink *base, struct str bytes)
{
	struct import_job *job = ((struct upload *)base)->job;
	buf_add(&job->bytes, bytes);
	return job->bytes.err;
}

static enum err finish(struct body_sink *base, enum sink_end how, enum err taken, struct cx *cx,
		       const struct request *req, struct response *res)
{
	struct upload *upload = (struct upload *)base;
	struct import_job *job = upload->job;
	(void)req;
	if (how == SINK_CUT)
		return OK;
	if (job->bytes.err != OK)
		form_error(
			cx, &job->errors, "file", TEXT_IMPORT_FILE_LARGE,
			TEXT_ARG("size", format_size(cx->arena, cx->language, LIMIT_IMPORT_BYTES)));
	else
		TRY(taken);
	enum err err = job->errors.count > 0 ? ERR_INVALID
					     : people_import_read(&job->cx, buf_str(&job->bytes),
								  &job->import, &job->errors);
	if (err == ERR_INVALID && job->errors.count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, &job->errors);
		return OK;
	}
	TRY(err);
	upload->job = NULL;
	import_job_answer(job, &words, res);
	return OK;
}

static void release(struct body_sink *base)
{
	struct upload *upload = (struct upload *)base;
	import_job_free(upload->job);
	free(upload);
}

static enum err authenticate(struct cx *cx, const struct request *req)
{
	return api_authenticate(cx, req, SURFACE_API);
}

/* dry_run: true or 1; nothing else means yes by mistake. */
static enum err read_dry_run(struct cx *cx, const struct request *req, bool *ret,
			     struct form_errors *errors)
{
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	struct str word = form_value(&form, "dry_run");
	*ret = str_eq(word, STR("true")) || str_eq(word, STR("1"));
	bool is_no = word.len == 0 || str_eq(word, STR("false")) || str_eq(word, STR("0"));
	if (!*ret && !is_no)
		form_error(cx, errors, "dry_run", TEXT_IMPORT_DRY_RUN_BAD);
	return OK;
}

enum err api_import_create(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	bool is_dry;
	TRY(read_dry_run(cx, req, &is_dry, &errors));
	if (errors.count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
		return OK;
	}
	struct upload *upload = calloc(1, sizeof(*upload));
	if (upload == NULL)
		return ERR_UNAVAILABLE;
	upload->base = (struct body_sink){.piece_bytes = LIMIT_SINK_PIECE_BYTES,
					  .first_piece_bytes = LIMIT_SINK_FIRST_PIECE_BYTES,
					  .take = take,
					  .finish = finish,
					  .release = release};
	enum err err = import_job_new(cx, req, authenticate, &upload->job);
	if (err != OK) {
		release(&upload->base);
		return err;
	}
	upload->job->is_dry = is_dry;
	res->sink = &upload->base;
	return OK;
}

enum err api_import_export(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	return people_csv_answer(cx, res);
}
