/* Checks the settings of the environment as the programs do: ends with status 1 and all that is wrong on standard error. */
import { configOrExit } from '@daybook/server/config';

configOrExit();
