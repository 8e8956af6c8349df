#include "web/import_page.h"

#include "base/limits.h"
#include "http/multipart.h"
#include "web/page_import.h"
#include "web/people_csv.h"
#include "web/site.h"

#include <stdlib.h>

enum { LINES_MAX = 1000 };

static enum err begin_view(struct cx *cx, const struct form_errors *errors, struct import_view *ret)
{
	*ret = (struct import_view){.errors = errors};
	return frame_init(cx, text_get(cx->language, TEXT_IMPORT_TITLE), PLACE_USERS, &ret->frame);
}

static void add_sums(struct cx *cx, const struct people_import *import, bool is_dry,
		     struct import_view *view)
{
	for (int i = 0; i < IMPORT_FATES; i++) {
		enum import_fate fate = (enum import_fate)i;
		if (import->tally[i] > 0)
			view->sums[view->sum_count++] = (struct import_sum){
				import->tally[i],
				text_get(cx->language, people_import_text(fate, is_dry))};
	}
}

static void add_lines(struct cx *cx, const struct people_import *import, size_t from, bool is_dry,
		      bool is_left_out, struct import_view *view)
{
	for (size_t i = from; i < import->at; i++) {
		const struct import_row *row = &import->rows[i];
		if ((row->fate > IMPORT_CHANGED) != is_left_out)
			continue;
		if (view->line_count == LINES_MAX) {
			view->unshown++;
			continue;
		}
		view->lines[view->line_count++] = (struct import_line){
			row->line, form_error_quote(cx, row->address),
			text_get(cx->language, people_import_text(row->fate, is_dry))};
	}
}

static enum err render(struct cx *cx, struct response *res, struct import_view *view)
{
	struct html html = frame_html(cx, res);
	(void)cx;
	page_import(&html, view);
	return OK;
}

enum err import_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	struct import_view view;
	(void)req;
	TRY(begin_view(cx, &none, &view));
	return render(cx, res, &view);
}

/* ---- while it runs ---- */

static struct html html_of(struct import_job *job, struct buf *out)
{
	return (struct html){.out = out, .language = job->cx.language, .arena = &job->arena};
}

static enum err say_begin(struct import_job *job, struct buf *out)
{
	struct html html = html_of(job, out);
	struct import_view view;
	TRY(begin_view(&job->cx, &job->errors, &view));
	view.total = (int64_t)job->import.count;
	page_import_begin(&html, &view);
	return OK;
}

static enum err say_rows(struct import_job *job, struct buf *out, size_t from)
{
	struct html html = html_of(job, out);
	struct import_view view = {
		.done = (int64_t)job->import.at,
		.total = (int64_t)job->import.count,
		.lines = ARENA_ARRAY(&job->arena, LINES_MAX, struct import_line),
	};
	if (view.lines == NULL)
		return ERR_UNAVAILABLE;
	add_lines(&job->cx, &job->import, from, false, true, &view);
	page_import_rows(&html, &view);
	return OK;
}

static enum err say_end(struct import_job *job, struct buf *out)
{
	struct html html = html_of(job, out);
	struct import_view view;
	TRY(begin_view(&job->cx, &job->errors, &view));
	add_sums(&job->cx, &job->import, false, &view);
	page_import_end(&html, &view);
	return OK;
}

static const struct import_words words = {
	.content_type = STR("text/html; charset=utf-8"),
	.begin = say_begin,
	.rows = say_rows,
	.end = say_end,
};

/* ---- the list comes ---- */

struct upload_form {
	struct body_sink base;
	struct import_job *job; /* NULL: handed on */
	struct multipart *multipart;
	enum { PART_OTHER, PART_LIST, PART_ACT } part;
	bool is_import;
};

static enum err begin_part(void *argument, const struct multipart_part *part)
{
	struct upload_form *form = argument;
	form->part = str_eq(part->name, STR("file")) || str_eq(part->name, STR("list")) ? PART_LIST
		     : str_eq(part->name, STR("act"))                                   ? PART_ACT
						      : PART_OTHER;
	return OK;
}

static enum err take_part(void *argument, struct str bytes)
{
	struct upload_form *form = argument;
	if (form->part == PART_ACT && bytes.len > 0)
		form->is_import = bytes.data[0] == 'i';
	if (form->part != PART_LIST)
		return OK;
	buf_add(&form->job->bytes, bytes);
	return form->job->bytes.err;
}

static enum err end_part(void *argument)
{
	(void)argument;
	return OK;
}

static enum err take(struct body_sink *base, struct str bytes)
{
	return multipart_take(((struct upload_form *)base)->multipart, bytes);
}

static enum err show_fates(struct cx *cx, struct response *res, struct import_job *job)
{
	struct import_view view;
	struct people_import *import = &job->import;
	TRY(begin_view(cx, &job->errors, &view));
	view.lines = ARENA_ARRAY(cx->arena, LINES_MAX, struct import_line);
	if (view.lines == NULL)
		return ERR_UNAVAILABLE;
	while (!people_import_is_over(import))
		TRY(people_import_step(&job->cx, import, true));
	view.has_list = true;
	view.has_work = import->tally[IMPORT_ADDED] + import->tally[IMPORT_CHANGED] > 0;
	view.list = buf_str(&job->bytes);
	add_sums(cx, import, true, &view);
	add_lines(cx, import, 0, true, true, &view);
	add_lines(cx, import, 0, true, false, &view);
	return render(cx, res, &view);
}

static enum err refuse(struct cx *cx, struct response *res, const struct form_errors *errors)
{
	struct import_view view;
	TRY(begin_view(cx, errors, &view));
	res->status = 422;
	return render(cx, res, &view);
}

static enum err finish(struct body_sink *base, enum sink_end how, enum err taken, struct cx *cx,
		       const struct request *req, struct response *res)
{
	struct upload_form *form = (struct upload_form *)base;
	struct import_job *job = form->job;
	(void)req;
	if (how == SINK_CUT)
		return OK;
	if (job->bytes.err != OK) {
		form_error(
			cx, &job->errors, "file", TEXT_IMPORT_FILE_LARGE,
			TEXT_ARG("size", format_size(cx->arena, cx->language, LIMIT_IMPORT_BYTES)));
		return refuse(cx, res, &job->errors);
	}
	TRY(taken);
	TRY(multipart_finish(form->multipart));
	enum err err =
		people_import_read(&job->cx, buf_str(&job->bytes), &job->import, &job->errors);
	if (err == ERR_INVALID && job->errors.count > 0)
		return refuse(cx, res, &job->errors);
	TRY(err);
	if (!form->is_import)
		return show_fates(cx, res, job);
	form->job = NULL;
	import_job_answer(job, &words, res);
	return OK;
}

static void release(struct body_sink *base)
{
	struct upload_form *form = (struct upload_form *)base;
	multipart_free(form->multipart);
	import_job_free(form->job);
	free(form);
}

enum err import_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct upload_form *form = calloc(1, sizeof(*form));
	if (form == NULL)
		return ERR_UNAVAILABLE;
	const struct multipart_events events = {
		.begin = begin_part, .data = take_part, .end = end_part, .argument = form};
	form->base = (struct body_sink){.piece_bytes = LIMIT_SINK_PIECE_BYTES,
					.first_piece_bytes = LIMIT_SINK_FIRST_PIECE_BYTES,
					.take = take,
					.finish = finish,
					.release = release};
	enum err err = import_job_new(cx, req, web_authenticate, &form->job);
	if (err == OK)
		err = multipart_new(request_header(req, "Content-Type"), &events, &form->multipart);
	if (err != OK) {
		release(&form->base);
		return err;
	}
	res->sink = &form->base;
	return OK;
}

enum err import_page_export(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	return people_csv_answer(cx, res);
}
