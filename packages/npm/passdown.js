#!/usr/bin/env node
// Runs the binary of this platform that lies beside it, with the arguments and the streams of this process.
"use strict";
const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync } = require("node:fs");
const { constants } = require("node:os");
const { join } = require("node:path");

const folder = join(__dirname, "binaries");
const platform = `${process.platform}-${process.arch}`;
const name = process.platform === "win32" ? "passdown.exe" : "passdown";
const binary = join(folder, platform, name);
if (!existsSync(binary)) {
  const known = existsSync(folder) ? readdirSync(folder).sort().join(", ") : "none";
  console.error(`passdown: no binary for ${platform} in this package (it has: ${known}); \`cargo install --locked --path .\` in its sources builds one`);
  process.exit(2);
}
// A terminal sends its signals to both; the binary answers them, and this process waits for its answer.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {});
}
const ran = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error(`passdown: ${binary}: ${ran.error.message}`);
  process.exit(2);
}
process.exit(ran.signal ? 128 + constants.signals[ran.signal] : ran.status);
