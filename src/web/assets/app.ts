// Every page works without this. What it adds: chips and suggestions while addressing, showing a password, copying a
// code, a warning before unsent text is lost.
import { enhanceCompose } from './islands/compose';
import { enhanceCodes } from './islands/code';
import { guardForms } from './islands/guard';
import { enhancePasswords } from './islands/password';
import { focusProblems } from './islands/problems';
import { enhanceZone } from './islands/zone';

focusProblems();
enhancePasswords();
enhanceCodes();
enhanceZone();
guardForms();
enhanceCompose();
