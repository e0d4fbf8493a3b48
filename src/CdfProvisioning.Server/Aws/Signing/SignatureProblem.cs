namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>What can be wrong with a request's signature; every protocol of AWS's has error types of its own for it.</summary>
internal enum SignatureProblem
{
    /// <summary>It lacks a part, or a part is not what it should be.</summary>
    Incomplete,

    /// <summary>The access key is not known here.</summary>
    UnknownKey,

    /// <summary>The session token is not the access key's.</summary>
    WrongToken,

    /// <summary>The temporary credentials are no longer valid.</summary>
    ExpiredToken,

    /// <summary>It was made with another secret, or of another request.</summary>
    Mismatch,

    /// <summary>It was made too long ago, or is of the future.</summary>
    Skewed,

    /// <summary>A header of AWS's was added to what had been signed.</summary>
    HeadersNotSigned,

    /// <summary>The presigned URL was valid once.</summary>
    ExpiredLink,
}

/// <summary>A request is refused for its signature.</summary>
internal sealed class SignatureException(SignatureProblem problem, string message) : Exception(message)
{
    public SignatureProblem Problem => problem;
}
