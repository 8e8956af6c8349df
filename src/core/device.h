/* A browser in which somebody has signed in before keeps a cookie that says so. It opens nothing:
 * it only lets its owner try a password while others are slowed down for guessing at the address.
 *
 *    16 bytes   32 bytes
 *   +----------+--------------------------------------------+
 *   | random   | MAC of address key and random (row key)    |   as 64 characters of base64url
 *   +----------+--------------------------------------------+
 *
 * Bound to one address, which nobody else ever gets; nothing is stored here. */
#pragma once

#include "core/cx.h"

enum { DEVICE_CHARS = 64 };

/* What tries from this device are counted by, if `text` was made for this address; else empty. */
struct str device_known(struct cx *cx, struct str text, struct str address_key);
/* For somebody who has just proven who they are: `text` again if it was made for them, so that
 * signing in gives no new tries; else a new one. Empty when there is no memory. */
struct str device_renew(struct cx *cx, struct str text, struct str address_key);
