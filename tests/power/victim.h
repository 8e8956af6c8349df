/* The portal whose power is cut: sends messages, invites, registers guests, delivers mails and
 * takes files, from several threads. */
#pragma once

#include "power/ledger.h"

#include "core/session.h"

/* Password of everybody. */
#define VICTIM_PASSWORD STR("tin lantern, quiet harbour")

/* The address of a guest, by the number of the message that invited them. */
struct str victim_guest(struct arena *arena, uint32_t number);
struct str victim_subject(struct arena *arena, uint32_t number);

/* Opens the portal in a folder with cheap passwords; with is_unsafe nothing is ever synced. */
enum err victim_open(const char *folder, bool is_unsafe, struct portal **ret) MUST_CHECK;
struct cx victim_cx(struct arena *arena, struct portal *portal);
enum err victim_sign_in(struct cx *cx, struct str address) MUST_CHECK;
#define VICTIM_SENDER STR("anna@example.com")
#define VICTIM_READER STR("ben@example.com")

/* Makes a portal with a sender and a reader. */
enum err victim_set_up(const char *folder) MUST_CHECK;
/* Works until it is killed, or until a call fails; each answered call goes to the pipe `acks`. */
void victim_run(const char *folder, int round, bool is_unsafe, int acks);
