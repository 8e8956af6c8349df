#include "core/signing_brief.h"

#include "core/session.h"

const char *signing_brief_state_word(enum signing_state state)
{
	switch (state) {
	case SIGNING_OPEN: return "open";
	case SIGNING_COMPLETED: return "completed";
	case SIGNING_DECLINED: return "declined";
	case SIGNING_EXPIRED: return "expired";
	case SIGNING_CANCELLED: break;
	}
	return "cancelled";
}

const char *signing_brief_signer_word(enum signer_state state)
{
	switch (state) {
	case SIGNER_WAITING: return "waiting";
	case SIGNER_ASKED: return "asked";
	case SIGNER_SIGNED: return "signed";
	case SIGNER_DECLINED: break;
	}
	return "declined";
}

/* By its deadline too, where housekeeping has not come by. */
static enum signing_state state_of(struct cx *cx, const struct signing *signing)
{
	bool is_late = signing->deadline_ms > 0 && signing->deadline_ms <= cx_now_ms(cx);
	return signing->state == SIGNING_OPEN && is_late ? SIGNING_EXPIRED : signing->state;
}

static enum err read_brief(struct cx *cx, struct db *db, const struct id *id,
			   struct signing_brief *ret)
{
	struct signing signing;
	struct signing_person *people;
	TRY(signings_get(db, cx->arena, id, &signing));
	TRY(signing_people_of(db, cx->arena, &signing, &people));
	struct signing_brief brief = {.state = state_of(cx, &signing),
				      .signer_count = signing.signer_count};
	for (int64_t i = 0; i < signing.signer_count; i++) {
		brief.signed_count += people[i].state == SIGNER_SIGNED;
		brief.sender_signs |= id_eq(&people[i].user_id, &signing.sender_id);
		if (id_eq(&people[i].user_id, &cx->session->user.id))
			brief.my_state = people[i].state;
	}
	*ret = brief;
	return OK;
}

enum err signing_brief_read(struct cx *cx, struct db *db, const struct message_copy *copy,
			    struct signing_brief *ret)
{
	*ret = (struct signing_brief){.state = 0};
	if (!copy->is_authentic || !(copy->message.options & OPTION_SIGNING))
		return OK;
	enum err err = read_brief(cx, db, &copy->message.id, ret);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

static struct str open_words(struct cx *cx, const struct signing_brief *brief)
{
	if (brief->my_state == SIGNER_ASKED)
		return text_get(cx->language, TEXT_SIGNING_BRIEF_ASKED);
	if (brief->my_state == SIGNER_WAITING)
		return text_get(cx->language, TEXT_SIGNING_BRIEF_WAITING);
	return TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_BRIEF_SO_MANY,
			 TEXT_NUMBER("signed", brief->signed_count),
			 TEXT_NUMBER("count", brief->signer_count));
}

struct str signing_brief_words(struct cx *cx, const struct signing_brief *brief)
{
	static const enum text_id ends[] = {
		[SIGNING_COMPLETED] = TEXT_SIGNING_BRIEF_COMPLETED,
		[SIGNING_DECLINED] = TEXT_SIGNING_BRIEF_DECLINED,
		[SIGNING_EXPIRED] = TEXT_SIGNING_BRIEF_EXPIRED,
		[SIGNING_CANCELLED] = TEXT_SIGNING_BRIEF_CANCELLED,
	};
	if (brief->state == 0)
		return STR_NONE;
	if (brief->state == SIGNING_OPEN)
		return open_words(cx, brief);
	return text_get(cx->language, ends[brief->state]);
}
