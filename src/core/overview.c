#include "core/overview.h"

#include "core/audit_log.h"
#include "core/outbox.h"
#include "core/people_guard.h"
#include "core/policy.h"

static enum err read_people(struct cx *cx, struct db *db, struct overview *ret)
{
	struct stats_people *people;
	size_t count;
	TRY(stats_people(db, cx->arena, &people, &count));
	for (size_t i = 0; i < count; i++) {
		if (people[i].grade <= GRADE_PROFESSIONAL && people[i].state <= USER_DISABLED)
			ret->people[people[i].grade][people[i].state] = people[i].count;
	}
	ret->seats = ret->people[GRADE_PROFESSIONAL][USER_INVITED] +
		     ret->people[GRADE_PROFESSIONAL][USER_ACTIVE];
	ret->seat_limit = cx->portal->settings->seat_limit;
	return users_count_administrators(db, &ret->administrators);
}

static enum err read_mails(struct cx *cx, struct db *db, struct overview *ret)
{
	TRY(mails_count(db, &ret->mails));
	TRY(mails_troubles(db, cx->arena, MAIL_BOUNCED, OVERVIEW_MAILS, &ret->bounced,
			   &ret->bounced_count));
	return mails_troubles(db, cx->arena, MAIL_QUEUED, OVERVIEW_MAILS, &ret->retrying,
			      &ret->retrying_count);
}

static enum err read_figures(struct cx *cx, struct overview *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(read_people(cx, db, ret));
	TRY(statistics_days(cx, db, ret->day_count, &ret->days));
	return read_mails(cx, db, ret);
}

enum err overview_read(struct cx *cx, int64_t days, struct overview *ret)
{
	if (!policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	*ret = (struct overview){.day_count = days};
	TRY(read_figures(cx, ret));
	TRY(health_read(cx, ret->days[days - 1].database_bytes, ret->health));
	for (int i = 0; i < HEALTH_THINGS; i++) {
		if (ret->health[i].state > ret->worst)
			ret->worst = ret->health[i].state;
	}
	return OK;
}

/* ---- acts ---- */

struct retrying {
	struct cx *cx;
	int64_t now_ms;
	int64_t count;
};

static enum err write_retry(struct db *db, void *argument)
{
	struct retrying *retrying = argument;
	TRY(people_check_actor(retrying->cx, db));
	TRY(mails_retry(db, retrying->now_ms + OUTBOX_CLAIM_MS, retrying->now_ms,
			&retrying->count));
	if (retrying->count == 0)
		return OK;
	struct audit_act act = {
		.kind = AUDIT_MAILS_RETRIED,
		.after = arena_printf(retrying->cx->arena, "%lld", (long long)retrying->count),
	};
	return audit_log(retrying->cx, db, &act);
}

enum err overview_retry_mails(struct cx *cx, int64_t *ret_count)
{
	struct retrying retrying = {.cx = cx, .now_ms = cx_now_ms(cx)};
	if (!policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	TRY(store_transact(cx->portal->store, write_retry, &retrying, cx->arena));
	if (retrying.count > 0 && cx->portal->mail_waiting)
		cx->portal->mail_waiting(cx->portal->mail_argument);
	*ret_count = retrying.count;
	return OK;
}

struct taking {
	struct cx *cx;
	const struct id *id;
	struct mail_row mail;
	struct str words;
};

/* Content goes with it: it may hold a registration link. */
static enum err give_up(struct db *db, struct taking *taking)
{
	struct mail_row *mail = &taking->mail;
	int64_t expected_next_ms = mail->next_ms;
	mail->state = MAIL_BOUNCED;
	mail->content = STR("");
	mail->reply = taking->words;
	TRY(mails_update(db, mail, expected_next_ms));
	return mails_dismiss(db, &mail->id);
}

static enum err write_taking(struct db *db, void *argument)
{
	struct taking *taking = argument;
	TRY(people_check_actor(taking->cx, db));
	TRY(mails_by_id(db, taking->cx->arena, taking->id, &taking->mail));
	if (taking->mail.state == MAIL_BOUNCED)
		TRY(mails_dismiss(db, taking->id));
	else if (taking->mail.state == MAIL_QUEUED && taking->mail.attempts > 0)
		TRY(give_up(db, taking));
	else
		return ERR_NOT_FOUND;
	struct audit_act act = {.kind = AUDIT_MAIL_TAKEN_OFF, .object_id = taking->mail.user_id};
	return audit_log(taking->cx, db, &act);
}

enum err overview_take_mail_off(struct cx *cx, const struct id *id)
{
	struct taking taking = {
		.cx = cx,
		.id = id,
		/* English, as the reply of a server: which reader will see it is not known yet. */
		.words = text_get(language_find(STR("en")), TEXT_OVERVIEW_TAKEN_OFF_REPLY),
	};
	if (!policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	return store_transact(cx->portal->store, write_taking, &taking, cx->arena);
}
