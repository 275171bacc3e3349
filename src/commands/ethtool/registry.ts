import { cableTest, cableTestTdr } from './cable-test.js';
import { change } from './change.js';
import { setChannels, showChannels } from './channels.js';
import { setCoalesce, showCoalesce } from './coalesce.js';
import { driver } from './driver.js';
import { changeEeprom, eepromDump, registerDump } from './dumps.js';
import { setEee, showEee } from './energy.js';
import { setFeatures, showFeatures } from './features.js';
import { setFec, showFec } from './fec.js';
import { flash, getDump, reset, setDump } from './firmware.js';
import { setRules, showRules } from './flow-rules.js';
import { setModule, showModule } from './module.js';
import { setPause, showPause } from './pause.js';
import { perQueue } from './per-queue.js';
import { permanentAddress } from './permanent-address.js';
import { setPrivateFlags, showPrivateFlags } from './private-flags.js';
import { setRings, showRings } from './rings.js';
import { setRss, showRss } from './rss.js';
import { settings } from './settings.js';
import { phyStatistics, statistics } from './statistics.js';
import type { SubCommand } from './subcommand.js';
import { identify, negotiate, testNic } from './test-nic.js';
import { timestamps } from './timestamps.js';
import { getPhyTunable, getTunable, setPhyTunable, setTunable } from './tunables.js';
import { moduleEeprom } from './transceiver/eeprom.js';
import { showTunnels } from './tunnels.js';

/** All sub-commands, in the order of the usage; the first is what a device's name alone asks for. */
export const subCommands: readonly SubCommand[] = [
  settings,
  change,
  showPause,
  setPause,
  showCoalesce,
  setCoalesce,
  showRings,
  setRings,
  showFeatures,
  setFeatures,
  driver,
  registerDump,
  eepromDump,
  changeEeprom,
  negotiate,
  identify,
  testNic,
  statistics,
  phyStatistics,
  showRules,
  setRules,
  timestamps,
  showRss,
  setRss,
  flash,
  permanentAddress,
  getDump,
  setDump,
  showChannels,
  setChannels,
  showPrivateFlags,
  setPrivateFlags,
  moduleEeprom,
  showEee,
  setEee,
  setPhyTunable,
  getPhyTunable,
  getTunable,
  setTunable,
  reset,
  showFec,
  setFec,
  perQueue,
  cableTest,
  cableTestTdr,
  showTunnels,
  showModule,
  setModule,
];

export const findSubCommand = (option: string): SubCommand | undefined => subCommands.find(({ options }) => options.includes(option));
