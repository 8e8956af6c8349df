/* A portal on SQLite with many messages, each from its administrator to one of 1,000 people, whose
 * rows are authentic: for measuring backups. `backup_fill COUNT` prints the folder it is in. What
 * stands for ciphertext is random: nobody opens it. */
#include "core/core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PEOPLE = 1000,
	BATCH = 2000,
	SUBJECT_BYTES = 60,
	BODY_BYTES = 1500,
	FOLDED_BYTES = 700,
	SEALED_BYTES = 80
};

struct filling {
	const struct core_fixture *f;
	const struct id *people;
	char noise[1 << 16];
	uint64_t seed;
	int64_t at, count;
};

static void check(enum err err)
{
	if (err == OK)
		return;
	fprintf(stderr, "%s\n", err_name(err));
	exit(EXIT_FAILURE);
}

static struct str noise(struct filling *filling, size_t bytes)
{
	filling->seed = filling->seed * 6364136223846793005u + 1442695040888963407u;
	return str_bytes(filling->noise + (filling->seed >> 33) % (sizeof(filling->noise) - bytes),
			 bytes);
}

static enum err give(struct db *db, struct filling *filling, const struct message *message,
		     const struct id *user_id, enum recipient_kind kind)
{
	const struct delivery delivery = {
		.message_id = message->id,
		.user_id = *user_id,
		.kind = kind,
		.box = kind == RECIPIENT_FROM ? BOX_SENT : BOX_INBOX,
		.sealed = noise(filling, SEALED_BYTES),
		.is_unread = kind != RECIPIENT_FROM,
	};
	return deliveries_insert(db, &delivery);
}

static enum err write_batch(struct db *db, void *argument)
{
	struct filling *filling = argument;
	int64_t day_ms = 24 * 3600 * INT64_C(1000);
	for (int i = 0; i < BATCH; i++) {
		struct message message = {
			.sender_id = filling->f->admin->user.id,
			.sent_ms = filling->f->clock.now_ms - 365 * day_ms +
				   filling->at * (365 * day_ms / filling->count),
			.subject = noise(filling, SUBJECT_BYTES),
			.body = noise(filling, BODY_BYTES),
			.folded = noise(filling, FOLDED_BYTES),
			.has_folded = true,
		};
		message.id = message.conversation_id = id_new(message.sent_ms);
		digest(message.body, message.body_hash);
		digest(message.folded, message.folded_hash);
		TRY(messages_insert(db, &message));
		TRY(give(db, filling, &message, &message.sender_id, RECIPIENT_FROM));
		TRY(give(db, filling, &message, &filling->people[filling->at % PEOPLE],
			 RECIPIENT_TO));
		filling->at++;
	}
	return OK;
}

static enum err write_people(struct db *db, void *argument)
{
	struct filling *filling = argument;
	struct id *people = (struct id *)filling->people;
	for (int i = 0; i < PEOPLE; i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		struct user user = {
			.id = id_new(filling->f->clock.now_ms),
			.name = arena_printf(&arena, "Person %d", i),
			.address = arena_printf(&arena, "person%d@example.org", i),
			.grade = GRADE_GUEST,
			.state = USER_ACTIVE,
			.is_registered = true,
			.custody = CUSTODY_MANAGED,
			.version = 1,
			.created_ms = filling->f->clock.now_ms,
		};
		memcpy(user.public_key, filling->f->portal->portal_public, sizeof(user.public_key));
		user.address_key = user.address;
		people[i] = user.id;
		TRY(users_insert(db, &user, user.name));
	}
	return OK;
}

int main(int argc, char **argv)
{
	static struct core_fixture f;
	static struct id people[PEOPLE];
	static struct filling filling = {.f = &f, .people = people, .seed = 1};
	if (argc != 2 || !str_to_int(str_of(argv[1]), &filling.count))
		return EXIT_FAILURE;
	core_fixture_init(&f, false, CUSTODY_MANAGED);
	uint64_t seed = 1;
	for (size_t i = 0; i < sizeof(filling.noise); i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		filling.noise[i] = (char)(seed >> 56);
	}
	check(store_transact(f.portal->store, write_people, &filling, NULL));
	while (filling.at < filling.count)
		check(store_transact(f.portal->store, write_batch, &filling, NULL));
	portal_close(f.portal);
	printf("%s\n", f.folder);
	fflush(stdout);
	/* What was made stays. */
	_exit(EXIT_SUCCESS);
}
