#include "web/seats_page.h"

#include "base/csv_write.h"
#include "base/limits.h"
#include "http/form.h"
#include "web/page_seats.h"
#include "web/when.h"

enum { ROWS = 50, CSV_ROWS = 1000, PLOT_HEIGHT = 100, BAR = 10, DAYS_WIDE = 15 };

static struct field day_field(struct cx *cx, const char *name, enum text_id label, struct str value,
			      const struct form_errors *errors)
{
	struct field field = field_text(cx, name, label, value);
	field.type = "date";
	field_mark(&field, errors);
	return field;
}

/* Bars of one unit in ten of their day, the highest a whole plot high. */
static enum err draw(struct cx *cx, struct seats_view *view)
{
	const struct seats_report *report = &view->report;
	size_t count = report->day_count;
	view->bars = ARENA_ARRAY(cx->arena, count + 1, struct seats_bar);
	view->table = ARENA_ARRAY(cx->arena, count + 1, struct seats_pair);
	if (view->bars == NULL || view->table == NULL)
		return ERR_UNAVAILABLE;
	/* One day alone is a bar, no wall. */
	view->width = (int64_t)(count < DAYS_WIDE ? DAYS_WIDE : count) * BAR;
	for (size_t i = 0; i < count; i++) {
		int64_t used = report->days[i].used;
		view->most = used > view->most ? used : view->most;
		view->least = i == 0 || used < view->least ? used : view->least;
		view->table[count - 1 - i] = (struct seats_pair){
			format_date(cx->arena, cx->language, STR("UTC"), report->days[i].start_ms),
			used};
	}
	for (size_t i = 0; i < count; i++) {
		int64_t height =
			view->most > 0 ? report->days[i].used * PLOT_HEIGHT / view->most : 0;
		view->bars[i] = (struct seats_bar){(int64_t)i * BAR, PLOT_HEIGHT - height, height};
	}
	if (count > 0) {
		view->first_day = view->table[count - 1].date;
		view->last_day = view->table[0].date;
	}
	return OK;
}

static enum err list(struct cx *cx, struct seats_view *view)
{
	const struct seats_report *report = &view->report;
	view->rows = ARENA_ARRAY(cx->arena, report->line_count + 1, struct seats_row);
	if (view->rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < report->line_count; i++) {
		const struct seats_line *line = &report->lines[i];
		view->rows[i] = (struct seats_row){
			.when = when_long(cx, line->change.at_ms),
			.iso = when_iso(cx, line->change.at_ms),
			.is_taken = line->change.delta > 0,
			.person = line->person,
			.by = line->by,
			.is_by_portal = line->is_by_portal,
			.used = line->change.used,
		};
	}
	return OK;
}

enum err seats_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct seats_view view = {.errors = &errors};
	struct form form;
	int64_t before = 0;
	TRY(form_parse(req->arena, req->query, &form));
	struct str from = form_value(&form, "from"), to = form_value(&form, "to");
	if (!str_to_int(form_value(&form, "before"), &before) || before < 0)
		before = 0;
	enum err err = seats_report(cx, from, to, before, ROWS, &view.report, &errors);
	if (err == ERR_INVALID && errors.count > 0) {
		struct form_errors ignored = {0};
		res->status = 422;
		err = seats_report(cx, STR_NONE, STR_NONE, 0, ROWS, &view.report, &ignored);
	} else if (err == OK) {
		from = view.report.from;
		to = view.report.to;
	}
	TRY(err);
	view.from = day_field(cx, "from", TEXT_SEATS_FROM, from, &errors);
	view.to = day_field(cx, "to", TEXT_SEATS_TO, to, &errors);
	view.is_full = view.report.limit > 0 && view.report.used >= view.report.limit;
	TRY(draw(cx, &view));
	TRY(list(cx, &view));
	TRY(frame_init(cx, text_get(cx->language, TEXT_SEATS_TITLE), PLACE_SEATS, &view.frame));
	struct html html = frame_html(cx, res);
	page_seats(&html, &view);
	return OK;
}

/* ---- to take along ---- */

static enum err read_report(struct cx *cx, const struct request *req, int64_t before, int64_t rows,
			    struct seats_report *ret)
{
	struct form_errors errors = {0};
	struct form form;
	TRY(form_parse(cx->arena, req->query, &form));
	return seats_report(cx, form_value(&form, "from"), form_value(&form, "to"), before, rows,
			    ret, &errors);
}

static void begin_csv(struct cx *cx, const struct seats_report *report, const char *name,
		      struct response *res, struct csv_write *csv)
{
	res->content_type = STR("text/csv; charset=utf-8");
	response_header(res, "Content-Disposition",
			arena_printf(cx->arena, "attachment; filename=\"%s-%.*s-%.*s.csv\"", name,
				     STR_ARGS(report->from), STR_ARGS(report->to)));
	csv_write_begin(csv, &res->body);
}

enum err seats_page_days(struct cx *cx, const struct request *req, struct response *res)
{
	struct seats_report report;
	struct csv_write csv;
	TRY(read_report(cx, req, 0, 1, &report));
	begin_csv(cx, &report, "seats", res, &csv);
	csv_write_text(&csv, STR("date"));
	csv_write_text(&csv, STR("seats"));
	csv_write_row_end(&csv);
	for (size_t i = 0; i < report.day_count; i++) {
		csv_write_text(&csv, report.days[i].date);
		csv_write_int(&csv, report.days[i].used);
		csv_write_row_end(&csv);
	}
	return OK;
}

static void write_changes(struct cx *cx, const struct seats_report *report, struct csv_write *csv)
{
	for (size_t i = 0; i < report->line_count; i++) {
		const struct seats_line *line = &report->lines[i];
		csv_write_text(csv, when_iso(cx, line->change.at_ms));
		csv_write_text(csv, line->change.delta > 0 ? STR("taken") : STR("freed"));
		csv_write_text(csv, line->person);
		csv_write_text(csv, line->by);
		csv_write_int(csv, line->change.used);
		csv_write_row_end(csv);
	}
}

/* Some after the other, each in memory of its own: none is left out, however many there are. */
static enum err write_some(struct cx *cx, const struct request *req, struct csv_write *csv,
			   int64_t *before)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	struct seats_report report;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	own.arena = &arena;
	TRY(read_report(&own, req, *before, CSV_ROWS, &report));
	write_changes(&own, &report, csv);
	*before = report.next;
	return arena.failed ? ERR_UNAVAILABLE : csv->out->err;
}

enum err seats_page_changes(struct cx *cx, const struct request *req, struct response *res)
{
	static const char *const names[] = {"time", "change", "person", "by", "seats"};
	struct seats_report report;
	struct csv_write csv;
	int64_t before = 0;
	TRY(read_report(cx, req, 0, 1, &report));
	begin_csv(cx, &report, "seat-changes", res, &csv);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		csv_write_text(&csv, str_of(names[i]));
	csv_write_row_end(&csv);
	do {
		TRY(write_some(cx, req, &csv, &before));
	} while (before > 0);
	return OK;
}
