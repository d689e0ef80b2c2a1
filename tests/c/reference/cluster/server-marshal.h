// SPDX-License-Identifier: GPL-3.0-only
/*
  Cluster controller of the reference tree: our own, much smaller than the	
  one of Eucalyptus 2.0 that it stands in for. You may use, change and hand
  it on as version 3 of the GNU General Public License says, and you’re on
  your own with it: there is no warranty.
*/
#ifndef INCLUDE_SERVER_MARSHAL_H
#define INCLUDE_SERVER_MARSHAL_H

#include "adb_StartNetwork.h"
#include "adb_StartNetworkResponse.h"
#include "adb_DescribeNetworks.h"
#include "adb_DescribeNetworksResponse.h"
#include "adb_StopNetwork.h"
#include "adb_StopNetworkResponse.h"
#include "adb_RunInstances.h"
#include "adb_RunInstancesResponse.h"
#include "adb_DescribeInstances.h"
#include "adb_DescribeInstancesResponse.h"
#include "adb_DescribeResources.h"
#include "adb_DescribeResourcesResponse.h"
#include "adb_TerminateInstances.h"
#include "adb_TerminateInstancesResponse.h"
#include "adb_RebootInstances.h"
#include "adb_RebootInstancesResponse.h"
#include "adb_GetConsoleOutput.h"
#include "adb_GetConsoleOutputResponse.h"
#include "adb_AttachVolume.h"
#include "adb_AttachVolumeResponse.h"
#include "adb_DetachVolume.h"
#include "adb_DetachVolumeResponse.h"
#include "adb_ccInstanceType.h"
#include "adb_ccResourceType.h"
#include <handlers.h>

/* one for each operation; tools/add_marshalling.pl makes the generated
   service skeleton call them. None of them ever returns NULL. */
adb_StartNetworkResponse_t *StartNetworkMarshal(adb_StartNetwork_t *startNetwork, const axutil_env_t *env);
adb_DescribeNetworksResponse_t *DescribeNetworksMarshal(adb_DescribeNetworks_t *describeNetworks, const axutil_env_t *env);
adb_StopNetworkResponse_t *StopNetworkMarshal(adb_StopNetwork_t *stopNetwork, const axutil_env_t *env);
adb_RunInstancesResponse_t *RunInstancesMarshal(adb_RunInstances_t *runInstances, const axutil_env_t *env);
adb_DescribeInstancesResponse_t *DescribeInstancesMarshal(adb_DescribeInstances_t *describeInstances, const axutil_env_t *env);
adb_DescribeResourcesResponse_t *DescribeResourcesMarshal(adb_DescribeResources_t *describeResources, const axutil_env_t *env);
adb_TerminateInstancesResponse_t *TerminateInstancesMarshal(adb_TerminateInstances_t *terminateInstances, const axutil_env_t *env);
adb_RebootInstancesResponse_t *RebootInstancesMarshal(adb_RebootInstances_t *rebootInstances, const axutil_env_t *env);
adb_GetConsoleOutputResponse_t *GetConsoleOutputMarshal(adb_GetConsoleOutput_t *getConsoleOutput, const axutil_env_t *env);
adb_AttachVolumeResponse_t *AttachVolumeMarshal(adb_AttachVolume_t *attachVolume, const axutil_env_t *env);
adb_DetachVolumeResponse_t *DetachVolumeMarshal(adb_DetachVolume_t *detachVolume, const axutil_env_t *env);

int ccInstanceUnmarshal(adb_ccInstanceType_t *dst, ccInstance *src, const axutil_env_t *env);

#endif
