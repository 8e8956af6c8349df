#include "core/seats_report.h"

#include "base/clock.h"
#include "core/policy.h"
#include "core/user.h"
#include "text/calendar.h"

/* "2026-11-24", as days since 1970. */
static bool parse_day(struct str text, int64_t *ret)
{
	int64_t parts[3];
	struct str part;
	size_t count = 0;
	if (text.len != 10)
		return false;
	while (count < 3 && str_next(&text, '-', &part))
		if (!str_to_int(part, &parts[count++]))
			return false;
	struct calendar_date date = {parts[0], (int32_t)parts[1], (int32_t)parts[2]};
	if (count != 3 || text.len > 0 || parts[0] < 1970 || parts[1] < 1 || parts[1] > 12 ||
	    parts[2] < 1 || parts[2] > 31)
		return false;
	*ret = calendar_days(date);
	return calendar_from_days(*ret).day == date.day;
}

static struct str day_text(struct arena *arena, int64_t day)
{
	struct calendar_date date = calendar_from_days(day);
	return arena_printf(arena, "%04lld-%02d-%02d", (long long)date.year, (int)date.month,
			    (int)date.day);
}

static bool read_range(struct cx *cx, struct str from, struct str to, int64_t *ret_first,
		       int64_t *ret_last, struct form_errors *errors)
{
	int64_t today = cx_now_ms(cx) / DAY_MS;
	*ret_last = today;
	if (to.len > 0 && !parse_day(to, ret_last))
		form_error(cx, errors, "to", TEXT_ERROR_SEATS_DAY);
	*ret_first = *ret_last - SEATS_DAYS_DEFAULT + 1;
	if (from.len > 0 && !parse_day(from, ret_first))
		form_error(cx, errors, "from", TEXT_ERROR_SEATS_DAY);
	if (errors->count > 0)
		return false;
	if (*ret_last > today)
		*ret_last = today;
	if (*ret_first > *ret_last)
		form_error(cx, errors, "from", TEXT_ERROR_SEATS_ORDER);
	else if (*ret_last - *ret_first >= SEATS_DAYS_MAX)
		form_error(cx, errors, "from", TEXT_ERROR_SEATS_LONG,
			   TEXT_NUMBER("count", SEATS_DAYS_MAX));
	return errors->count == 0;
}

/* Days on which nothing changed go on with what was used before. */
static enum err load_days(struct cx *cx, struct db *db, int64_t first, int64_t last,
			  struct seats_report *report)
{
	struct seat_day *changed;
	size_t count, at = 0;
	int64_t used = 0;
	enum err err = seats_used_before(db, first * DAY_MS, &used);
	bool is_known = err == OK;
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	TRY(seats_days(db, cx->arena, first * DAY_MS, (last + 1) * DAY_MS, &changed, &count));
	report->days = ARENA_ARRAY(cx->arena, (size_t)(last - first) + 1, struct seats_day);
	if (report->days == NULL)
		return ERR_UNAVAILABLE;
	for (int64_t day = first; day <= last; day++) {
		int64_t most = used;
		if (at < count && changed[at].day == day) {
			most = is_known && used > changed[at].most ? used : changed[at].most;
			used = changed[at++].last;
			is_known = true;
		}
		if (is_known)
			report->days[report->day_count++] =
				(struct seats_day){day_text(cx->arena, day), day * DAY_MS, most};
	}
	return OK;
}

static struct str label(struct cx *cx, struct db *db, const struct id *id)
{
	struct user user;
	if (id_is_empty(id) || users_by_id(db, cx->arena, id, &user) != OK)
		return STR_NONE;
	return user.name.len == 0 ? user.address
				  : arena_printf(cx->arena, "%.*s <%.*s>", STR_ARGS(user.name),
						 STR_ARGS(user.address));
}

static enum err load_lines(struct cx *cx, struct db *db, const struct seat_change *changes,
			   size_t count, struct seats_report *report)
{
	report->lines = ARENA_ARRAY(cx->arena, count + 1, struct seats_line);
	if (report->lines == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		report->lines[report->line_count++] = (struct seats_line){
			.change = changes[i],
			.person = label(cx, db, &changes[i].user_id),
			.by = label(cx, db, &changes[i].actor_id),
			.is_by_portal = id_is_empty(&changes[i].actor_id),
		};
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err seats_report(struct cx *cx, struct str from, struct str to, int64_t before, int64_t limit,
		      struct seats_report *ret, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct seats_report report = {.limit = cx->portal->settings->seat_limit};
	struct seat_change *changes;
	int64_t first, last, bad;
	size_t count;
	if (cx->session != NULL && !policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	if (!read_range(cx, str_trim(from), str_trim(to), &first, &last, errors))
		return ERR_INVALID;
	report.from = day_text(cx->arena, first);
	report.to = day_text(cx->arena, last);
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_count_seats(db, &report.used));
	TRY(load_days(cx, db, first, last, &report));
	TRY(seats_changes(db, cx->arena, first * DAY_MS, (last + 1) * DAY_MS, before, limit + 1,
			  &changes, &count, &bad));
	bool has_more = count > (size_t)limit;
	if (has_more)
		report.next = changes[--count].number + 1;
	TRY(load_lines(cx, db, changes, count, &report));
	*ret = report;
	return OK;
}
