// SPDX-License-Identifier: GPL-3.0-only
#ifndef INCLUDE_ADB_HELPERS_H
#define INCLUDE_ADB_HELPERS_H

#include <string.h>
#include <time.h>
#include <data.h>
#include <axutil_date_time.h>
#include "adb_virtualMachineType.h"
#include "adb_deviceMapType.h"

/* what the wire calls an instance type: to our struct */
static inline void copy_vm_type_from_adb (virtualMachine * params, adb_virtualMachineType_t * vm_type, const axutil_env_t * env)
{
  int i, maps;
  char * word;

  memset (params, 0, sizeof (virtualMachine));
  if (vm_type == NULL) return;

  params->mem   = adb_virtualMachineType_get_memory (vm_type, env);
  params->cores = adb_virtualMachineType_get_cores (vm_type, env);
  params->disk  = adb_virtualMachineType_get_disk (vm_type, env);
  word = adb_virtualMachineType_get_name (vm_type, env);
  if (word) strncpy (params->name, word, sizeof (params->name) - 1);

  maps = adb_virtualMachineType_sizeof_deviceMapping (vm_type, env);
  for (i = 0; i < maps && i < EUCA_MAX_DEVMAPS; i++) {
    adb_deviceMapType_t * map = adb_virtualMachineType_get_deviceMapping_at (vm_type, env, i);
    deviceMapping * to = params->deviceMapping + i;

    to->size = adb_deviceMapType_get_size (map, env);
    if ((word = adb_deviceMapType_get_deviceName (map, env)) != NULL)
      strncpy (to->deviceName, word, sizeof (to->deviceName) - 1);
    if ((word = adb_deviceMapType_get_virtualName (map, env)) != NULL)
      strncpy (to->virtualName, word, sizeof (to->virtualName) - 1);
    if ((word = adb_deviceMapType_get_format (map, env)) != NULL)
      strncpy (to->format, word, sizeof (to->format) - 1);
  }
}

/* ...and back; maps with neither name are left out */
static inline adb_virtualMachineType_t * copy_vm_type_to_adb (const axutil_env_t * env, virtualMachine * params)
{
  adb_virtualMachineType_t * vm_type = adb_virtualMachineType_create (env);
  deviceMapping * from;

  adb_virtualMachineType_set_memory (vm_type, env, params->mem);
  adb_virtualMachineType_set_cores (vm_type, env, params->cores);
  adb_virtualMachineType_set_disk (vm_type, env, params->disk);
  adb_virtualMachineType_set_name (vm_type, env, params->name);

  for (from = params->deviceMapping; from < params->deviceMapping + EUCA_MAX_DEVMAPS; from++) {
    adb_deviceMapType_t * map;

    if (from->deviceName[0] == 0 && from->virtualName[0] == 0) continue;
    map = adb_deviceMapType_create (env);
    adb_deviceMapType_set_deviceName (map, env, from->deviceName);
    adb_deviceMapType_set_virtualName (map, env, from->virtualName);
    adb_deviceMapType_set_size (map, env, from->size);
    adb_deviceMapType_set_format (map, env, from->format);
    adb_virtualMachineType_add_deviceMapping (vm_type, env, map);
  }

  return vm_type;
}

/* seconds since 1970 of a time on the wire, which is in UTC; 0 for none */
static inline time_t datetime_to_unix (axutil_date_time_t * when, const axutil_env_t * env)
{
  if (when == NULL) return 0;

  struct tm utc = {
    axutil_date_time_get_second (when, env), axutil_date_time_get_minute (when, env), axutil_date_time_get_hour (when, env),
    axutil_date_time_get_date (when, env), axutil_date_time_get_month (when, env) - 1, axutil_date_time_get_year (when, env) - 1900,
    0, 0, 0, 0, NULL };

  return timegm (&utc);
}

/* a time on the wire, to be freed with it */
static inline axutil_date_time_t * unix_to_datetime (time_t when, const axutil_env_t * env)
{
  struct tm utc;

  if (gmtime_r (&when, &utc) == NULL) return NULL;
  axutil_date_time_t * out = axutil_date_time_create (env);
  if (out != NULL)
    axutil_date_time_set_date_time (out, env, utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, 0);
  return out;
}

#endif
