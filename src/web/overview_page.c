#include "web/overview_page.h"

#include "http/form.h"
#include "web/page_overview.h"
#include "web/when.h"

enum { BAR_STEP = 10, PLOT_HEIGHT = 100 };

const char *const overview_page_help[HEALTH_THINGS] = {
	[HEALTH_DATA] = "disks",
	[HEALTH_FILES] = "disks",
	[HEALTH_BACKUP] = "backup",
	[HEALTH_MAIL] = "mail-server",
	[HEALTH_TEXTS] = "e-mail-texts",
	[HEALTH_CERTIFICATE] = "certificate-for-https",
	[HEALTH_DATABASE] = "disks",
	[HEALTH_SCANNER] = "virus-scanner",
	[HEALTH_PDF] = "documents-to-sign",
	[HEALTH_STAMP] = "time-stamps",
};

/* ---- plots ---- */

static struct str day_name(struct cx *cx, int64_t day)
{
	return format_date(cx->arena, cx->language, STR_NONE, day * DAY_MS);
}

static struct str number(struct cx *cx, int64_t n)
{
	return TEXT_FILL(cx->arena, cx->language, TEXT_OVERVIEW_NUMBER, TEXT_NUMBER("n", n));
}

static struct str size(struct cx *cx, int64_t bytes)
{
	return format_size(cx->arena, cx->language, bytes);
}

static int64_t value_of(const struct overview_plot *plot, const struct statistics_day *day)
{
	return plot->is_storage ? day->file_bytes + day->database_bytes : day->messages;
}

static int64_t find_most(const struct overview_plot *plot, const struct overview *o)
{
	int64_t most = 0;
	for (int64_t i = 0; i < o->day_count; i++) {
		if (value_of(plot, &o->days[i]) > most)
			most = value_of(plot, &o->days[i]);
	}
	return most;
}

/* A day with something has a column that can be seen. */
static int64_t height_of(int64_t value, int64_t most)
{
	int64_t height = (int64_t)((double)value / (double)most * PLOT_HEIGHT);
	return value > 0 && height == 0 ? 1 : height;
}

static enum err draw(struct cx *cx, const struct overview *o, struct overview_plot *plot)
{
	int64_t most = find_most(plot, o);
	plot->bars = ARENA_ARRAY(cx->arena, (size_t)o->day_count, struct overview_bar);
	if (plot->bars == NULL)
		return ERR_UNAVAILABLE;
	plot->count = o->day_count;
	plot->width = o->day_count * BAR_STEP;
	plot->is_empty = most == 0;
	plot->most = plot->is_storage ? size(cx, most) : number(cx, most);
	for (int64_t i = 0; i < o->day_count; i++) {
		const struct statistics_day *day = &o->days[i];
		int64_t height = most > 0 ? height_of(value_of(plot, day), most) : 0;
		plot->bars[i] = (struct overview_bar){
			.day = day_name(cx, day->day),
			.day_iso = str_slice(when_iso(cx, day->day * DAY_MS), 0, 10),
			.value = plot->is_storage ? size(cx, day->file_bytes)
						  : number(cx, day->messages),
			.more = plot->is_storage ? size(cx, day->database_bytes) : STR_NONE,
			.x = i * BAR_STEP + 1,
			.y = PLOT_HEIGHT - height,
			.height = height,
		};
	}
	plot->from = plot->bars[0].day;
	plot->until = plot->bars[o->day_count - 1].day;
	return OK;
}

static enum err draw_messages(struct cx *cx, const struct overview *o, struct overview_plot *plot)
{
	int64_t sum = 0;
	plot->name = "messages";
	TRY(draw(cx, o, plot));
	for (int64_t i = 0; i < o->day_count; i++)
		sum += o->days[i].messages;
	plot->title = text_get(cx->language, TEXT_OVERVIEW_MESSAGES);
	plot->none = text_get(cx->language, TEXT_OVERVIEW_MESSAGES_NONE);
	plot->sum = TEXT_FILL(cx->arena, cx->language, TEXT_OVERVIEW_MESSAGES_SUM,
			      TEXT_NUMBER("count", sum), TEXT_NUMBER("days", o->day_count),
			      TEXT_NUMBER("today", o->days[o->day_count - 1].messages));
	plot->desc = TEXT_FILL(cx->arena, cx->language, TEXT_OVERVIEW_MESSAGES_DESC,
			       TEXT_ARG("from", plot->from), TEXT_ARG("until", plot->until),
			       TEXT_ARG("most", plot->most));
	return OK;
}

static enum err draw_storage(struct cx *cx, const struct overview *o, struct overview_plot *plot)
{
	const struct statistics_day *today = &o->days[o->day_count - 1];
	plot->name = "storage";
	plot->is_storage = true;
	TRY(draw(cx, o, plot));
	plot->title = text_get(cx->language, TEXT_OVERVIEW_STORAGE);
	plot->none = text_get(cx->language, TEXT_OVERVIEW_STORAGE_NONE);
	plot->sum = TEXT_FILL(cx->arena, cx->language, TEXT_OVERVIEW_STORAGE_SUM,
			      TEXT_ARG("files", size(cx, today->file_bytes)),
			      TEXT_ARG("database", size(cx, today->database_bytes)));
	plot->desc = TEXT_FILL(cx->arena, cx->language, TEXT_OVERVIEW_STORAGE_DESC,
			       TEXT_ARG("from", plot->from), TEXT_ARG("until", plot->until),
			       TEXT_ARG("most", plot->most));
	return OK;
}

/* ---- e-mails ---- */

static struct str kind_name(const struct cx *cx, enum mail_kind kind)
{
	static const enum text_id names[] = {
		[MAIL_NOTIFICATION] = TEXT_OVERVIEW_KIND_NOTIFICATION,
		[MAIL_INVITATION] = TEXT_OVERVIEW_KIND_INVITATION,
		[MAIL_RESET] = TEXT_OVERVIEW_KIND_RESET,
		[MAIL_PASSWORD_CHANGED] = TEXT_OVERVIEW_KIND_PASSWORD,
		[MAIL_SUMMARY] = TEXT_OVERVIEW_KIND_NOTIFICATION,
		[MAIL_SIGNING] = TEXT_OVERVIEW_KIND_SIGNING,
		[MAIL_WELCOME] = TEXT_OVERVIEW_KIND_WELCOME,
		[MAIL_TEST] = TEXT_OVERVIEW_KIND_TEST,
		[MAIL_ADDRESS] = TEXT_OVERVIEW_KIND_ADDRESS,
		[MAIL_ADDRESS_CHANGED] = TEXT_OVERVIEW_KIND_ADDRESS_CHANGED,
		[MAIL_ADDRESS_GONE] = TEXT_OVERVIEW_KIND_ADDRESS_CHANGED,
	};
	size_t known = sizeof(names) / sizeof(names[0]);
	return text_get(cx->language,
			kind > 0 && kind < known ? names[kind] : TEXT_OVERVIEW_KIND_NOTIFICATION);
}

/* "550 ...": the codes of RFC 5321 4.2. */
static bool is_servers(struct str reply)
{
	int64_t code;
	return str_to_int(str_slice(reply, 0, 3), &code) && code >= 200 && code <= 599;
}

static enum err make_mails(struct cx *cx, const struct mail_trouble *mails, size_t count,
			   struct overview_mail **ret)
{
	struct overview_mail *rows = ARENA_ARRAY(cx->arena, count + 1, struct overview_mail);
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct mail_trouble *mail = &mails[i];
		rows[i] = (struct overview_mail){
			.mail = mail,
			.kind = kind_name(cx, mail->kind),
			.name = user_label(&mail->user),
			.has_name = mail->user.name.len > 0,
			.written = when_long(cx, mail->created_ms),
			.next = when_long(cx, mail->next_ms),
			.tries = TEXT_FILL(cx->arena, cx->language, TEXT_OVERVIEW_TRIES,
					   TEXT_NUMBER("count", mail->attempts)),
			.is_quoted = is_servers(mail->reply),
		};
	}
	*ret = rows;
	return OK;
}

/* ---- the page ---- */

static void sort_health(const struct overview *o, struct overview_view *view)
{
	static const enum health_state order[] = {HEALTH_BAD, HEALTH_SOON, HEALTH_GOOD, HEALTH_OFF};
	size_t count = 0;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (int thing = 0; thing < HEALTH_THINGS; thing++)
			if (o->health[thing].state == order[i])
				view->health[count++] = o->health[thing];
}

static enum err make_view(struct cx *cx, const struct overview *o, struct overview_view *view)
{
	*view = (struct overview_view){
		.o = o,
		.now = when_long(cx, cx_now_ms(cx)),
		.now_iso = when_iso(cx, cx_now_ms(cx)),
		.version = STR(POSTERN_VERSION),
		.more_bounced = o->mails.bounced - (int64_t)o->bounced_count,
		.more_retrying = o->mails.retrying - (int64_t)o->retrying_count,
	};
	for (int state = USER_INVITED; state <= USER_DISABLED; state++) {
		view->guests += o->people[GRADE_GUEST][state];
		view->professionals += o->people[GRADE_PROFESSIONAL][state];
	}
	view->is_alone = view->guests + view->professionals == 1;
	for (int i = 0; i < HEALTH_THINGS; i++)
		view->health_names[i] = health_thing_name(cx, (enum health_thing)i);
	sort_health(o, view);
	TRY(draw_messages(cx, o, &view->plots[0]));
	TRY(draw_storage(cx, o, &view->plots[1]));
	TRY(make_mails(cx, o->bounced, o->bounced_count, &view->bounced));
	return make_mails(cx, o->retrying, o->retrying_count, &view->retrying);
}

/* "?done=mails-retried&count=3" */
static struct str notice(struct cx *cx, const struct request *req, const struct form *query)
{
	struct str sentence = frame_notice(cx, req);
	int64_t count;
	if (sentence.len > 0 && str_eq(form_value(query, "done"), STR("mails-retried")) &&
	    str_to_int(form_value(query, "count"), &count) && count > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_OVERVIEW_RETRIED,
				 TEXT_NUMBER("count", count));
	return sentence;
}

enum err overview_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct overview overview;
	struct overview_view view;
	TRY(form_parse(req->arena, req->query, &query));
	bool is_long = str_eq(form_value(&query, "days"), STR("90"));
	TRY(overview_read(cx, is_long ? OVERVIEW_DAYS_LONG : OVERVIEW_DAYS, &overview));
	TRY(make_view(cx, &overview, &view));
	TRY(frame_init(cx, text_get(cx->language, TEXT_OVERVIEW_TITLE), PLACE_DASHBOARD,
		       &view.frame));
	view.frame.notice = notice(cx, req, &query);
	struct html html = frame_html(cx, res);
	page_overview(&html, &view);
	return OK;
}

enum err overview_page_retry(struct cx *cx, const struct request *req, struct response *res)
{
	int64_t count;
	(void)req;
	TRY(overview_retry_mails(cx, &count));
	response_redirect(res, arena_printf(cx->arena, "/admin?done=mails-retried&count=%lld#mails",
					    (long long)count));
	return OK;
}

enum err overview_page_take_off(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = overview_take_mail_off(cx, &id);
	if (err != OK && err != ERR_NOT_FOUND && err != ERR_CONFLICT)
		return err;
	response_redirect(res, err == OK ? STR("/admin?done=mail-taken-off")
					 : STR("/admin?done=mail-gone"));
	return OK;
}
