#!/usr/bin/env node
/** The `lanefit` command. */
import { Command } from 'commander'
import { description, version } from '../../package.json'

await new Command('lanefit').description(description).version(version).parseAsync()
