// Every page works without this. What it adds: chips and suggestions while addressing, showing a password, copying a
// code, a warning before unsent text or a recovery code is lost, all of a text again with the Back button, one tick for a whole list,
// and shortcuts.
import { enhanceCompose } from './islands/compose';
import { enhanceCodes } from './islands/code';
import { guardForms } from './islands/guard';
import { keepForms } from './islands/keep';
import { enhanceKeys } from './islands/keys';
import { enhancePasswords } from './islands/password';
import { focusProblems } from './islands/problems';
import { enhanceRows } from './islands/rows';
import { enhanceShortcuts } from './islands/shortcuts';
import { enhanceZone } from './islands/zone';

focusProblems();
enhancePasswords();
enhanceCodes();
enhanceZone();
keepForms();
guardForms();
enhanceKeys();
enhanceCompose();
enhanceRows();
enhanceShortcuts();
