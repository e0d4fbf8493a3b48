using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws;

/// <summary>One of AWS's services, in its own protocol.</summary>
internal interface IAwsService
{
    /// <exception cref="CdfException">What the service refuses; <see cref="WriteErrorAsync"/> words it.</exception>
    Task AnswerAsync(AwsCall call);

    /// <summary>What the service calls a wrong signature.</summary>
    IotErrorType ErrorTypeOf(SignatureProblem problem);

    Task WriteErrorAsync(HttpContext context, CdfException error);
}
