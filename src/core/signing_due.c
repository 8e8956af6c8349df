#include "core/signing_due.h"

#include "base/clock.h"
#include "base/limits.h"

static int64_t sooner(int64_t one, int64_t other)
{
	if (one == 0 || other == 0)
		return one + other;
	return one < other ? one : other;
}

int64_t signing_due_reminder(const struct signing *signing, const struct signing_person *person)
{
	int64_t due_ms = 0;
	if (signing->state != SIGNING_OPEN || person->state != SIGNER_ASKED ||
	    person->reminders >= LIMIT_SIGNING_REMINDERS)
		return 0;
	if (person->reminded_ms == 0 && signing->remind_after_ms > 0)
		due_ms = person->asked_ms + signing->remind_after_ms;
	if (person->reminded_ms > 0 && signing->remind_every_ms > 0)
		due_ms = person->reminded_ms + signing->remind_every_ms;
	int64_t before_ms = signing->deadline_ms - signing->remind_before_ms;
	if (signing->deadline_ms > 0 && signing->remind_before_ms > 0 &&
	    before_ms > person->asked_ms && person->reminded_ms < before_ms)
		due_ms = sooner(due_ms, before_ms);
	/* Not twice within the hour, whoever reminded them last. */
	if (due_ms > 0 && due_ms < person->reminded_ms + HOUR_MS)
		due_ms = person->reminded_ms + HOUR_MS;
	return due_ms;
}

int64_t signing_due_next(const struct signing *signing, const struct signing_person *people)
{
	int64_t next_ms = signing->deadline_ms;
	if (signing->state != SIGNING_OPEN)
		return 0;
	for (int64_t i = 0; i < signing->signer_count; i++)
		next_ms = sooner(next_ms, signing_due_reminder(signing, &people[i]));
	return next_ms;
}

bool signing_due_is_late(const struct signing *signing, int64_t now_ms)
{
	return signing->deadline_ms > 0 && signing->deadline_ms <= now_ms;
}
