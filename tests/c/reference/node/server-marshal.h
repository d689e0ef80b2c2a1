// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#ifndef INCLUDE_SERVER_MARSHAL_H
#define INCLUDE_SERVER_MARSHAL_H

#include "axis2_skel_EucalyptusNC.h"

/* one for each operation; add_marshalling.pl makes the skeletons call them */
adb_ncRunInstanceResponse_t * ncRunInstanceMarshal (adb_ncRunInstance_t * ncRunInstance, const axutil_env_t * env);
adb_ncTerminateInstanceResponse_t * ncTerminateInstanceMarshal (adb_ncTerminateInstance_t * ncTerminateInstance, const axutil_env_t * env);
adb_ncDescribeInstancesResponse_t * ncDescribeInstancesMarshal (adb_ncDescribeInstances_t * ncDescribeInstances, const axutil_env_t * env);
adb_ncDescribeResourceResponse_t * ncDescribeResourceMarshal (adb_ncDescribeResource_t * ncDescribeResource, const axutil_env_t * env);
adb_ncStartNetworkResponse_t * ncStartNetworkMarshal (adb_ncStartNetwork_t * ncStartNetwork, const axutil_env_t * env);
adb_ncRebootInstanceResponse_t * ncRebootInstanceMarshal (adb_ncRebootInstance_t * ncRebootInstance, const axutil_env_t * env);
adb_ncGetConsoleOutputResponse_t * ncGetConsoleOutputMarshal (adb_ncGetConsoleOutput_t * ncGetConsoleOutput, const axutil_env_t * env);
adb_ncAttachVolumeResponse_t * ncAttachVolumeMarshal (adb_ncAttachVolume_t * ncAttachVolume, const axutil_env_t * env);
adb_ncDetachVolumeResponse_t * ncDetachVolumeMarshal (adb_ncDetachVolume_t * ncDetachVolume, const axutil_env_t * env);
adb_ncPowerDownResponse_t * ncPowerDownMarshal (adb_ncPowerDown_t * ncPowerDown, const axutil_env_t * env);

#endif

