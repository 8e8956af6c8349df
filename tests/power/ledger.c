#include "power/ledger.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint32_t ledger_number(int round, int thread, int n)
{
	return (uint32_t)((round * LEDGER_THREADS + thread) * LEDGER_PER_THREAD + n);
}

int ledger_round_of(uint32_t number)
{
	return (int)(number / (LEDGER_THREADS * LEDGER_PER_THREAD));
}

bool ledger_is_invitation(uint32_t number)
{
	return number % 4 == 0;
}

enum err ledger_init(struct ledger *ledger)
{
	*ledger = (struct ledger){.promises = calloc(LEDGER_NUMBERS, sizeof(struct promise)),
				  .settled = calloc(LEDGER_SETTLED, sizeof(struct id)),
				  .uploads = calloc(LEDGER_UPLOADS, sizeof(struct upload_promise))};
	return ledger->promises && ledger->settled && ledger->uploads ? OK : ERR_UNAVAILABLE;
}

void ledger_release(struct ledger *ledger)
{
	free(ledger->promises);
	free(ledger->settled);
	free(ledger->uploads);
}

void ledger_clear(struct ledger *ledger)
{
	struct ledger old = *ledger;
	memset(old.promises, 0, LEDGER_NUMBERS * sizeof(struct promise));
	*ledger = (struct ledger){
		.promises = old.promises, .settled = old.settled, .uploads = old.uploads};
}

/* One uploads at a time: the last one goes on, or another begins. */
static void enter_upload(struct ledger *ledger, const struct ack *ack)
{
	struct upload_promise *last =
		ledger->upload_count > 0 ? &ledger->uploads[ledger->upload_count - 1] : NULL;
	if (last && id_eq(&last->id, &ack->id))
		last->offset = ack->number;
	else if (ledger->upload_count < LEDGER_UPLOADS)
		ledger->uploads[ledger->upload_count++] =
			(struct upload_promise){ack->id, ack->number};
}

void ledger_enter(struct ledger *ledger, const struct ack *ack)
{
	struct promise *promise = &ledger->promises[ack->number % LEDGER_NUMBERS];
	if (ack->kind == ACK_SENT) {
		promise->id = ack->id;
		promise->is_sent = true;
		ledger->sent_count++;
	} else if (ack->kind == ACK_REGISTERED) {
		promise->is_registered = true;
		ledger->registered_count++;
	} else if (ack->kind == ACK_SETTLED && ledger->settled_count < LEDGER_SETTLED) {
		ledger->settled[ledger->settled_count++] = ack->id;
	} else if (ack->kind == ACK_UPLOADED) {
		enter_upload(ledger, ack);
	}
}

int64_t ledger_clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
