using System.Runtime.CompilerServices;
using CdfProvisioning;

// Scripts see the types of the imported assembly alone: [CdfProvisioning.CdfException] in a catch, [CdfProvisioning.Thing] in a param.
[assembly: TypeForwardedTo(typeof(BadRow))]
[assembly: TypeForwardedTo(typeof(BulkRegistrationCheck))]
[assembly: TypeForwardedTo(typeof(BulkRegistrationResult))]
[assembly: TypeForwardedTo(typeof(BulkRegistrationStatus))]
[assembly: TypeForwardedTo(typeof(BulkRegistrationTask))]
[assembly: TypeForwardedTo(typeof(CdfErrorCode))]
[assembly: TypeForwardedTo(typeof(CdfException))]
[assembly: TypeForwardedTo(typeof(CertificateAuthority))]
[assembly: TypeForwardedTo(typeof(CertificateRotation))]
[assembly: TypeForwardedTo(typeof(ConnectionInfo))]
[assembly: TypeForwardedTo(typeof(DeviceComparison))]
[assembly: TypeForwardedTo(typeof(DeviceState))]
[assembly: TypeForwardedTo(typeof(ListSynchronization))]
[assembly: TypeForwardedTo(typeof(ProvisionPlan))]
[assembly: TypeForwardedTo(typeof(ProvisionResponse))]
[assembly: TypeForwardedTo(typeof(RotationState))]
[assembly: TypeForwardedTo(typeof(Thing))]
[assembly: TypeForwardedTo(typeof(ThingCertificate))]
[assembly: TypeForwardedTo(typeof(ThingGroup))]
[assembly: TypeForwardedTo(typeof(ThingPolicy))]
