/* Passwords that were stolen elsewhere (NIST 800-63B-4 3.1.1.2), looked up in a file on this
 * machine: lines "HASH:COUNT", SHA-1 in hexadecimal, sorted, as Have I Been Pwned offers for
 * download. Nothing of a password leaves the machine. */
#pragma once

#include "core/portal.h"

/* password: NFC. false when the setting is off, no file is configured, or it cannot be read: then
 * people can go on choosing passwords, by the other rules, and the log says so each time. */
bool breached_has(const struct portal *portal, struct str password);
/* Looks once whether the file can be read, and logs it; for the start. */
void breached_log(const struct portal *portal);
