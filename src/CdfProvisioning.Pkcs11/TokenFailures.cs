using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Net.Pkcs11Interop.Common;

namespace CdfProvisioning.Pkcs11;

/// <summary>Says in the user's words what a token answers.</summary>
internal static class TokenFailures
{
    /// <summary>Whether a new session may do.</summary>
    public static bool IsOfSession(CKR value) => value is
        CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED or CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_OBJECT_HANDLE_INVALID
        or CKR.CKR_KEY_HANDLE_INVALID or CKR.CKR_DEVICE_REMOVED or CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_CRYPTOKI_NOT_INITIALIZED;

    public static CdfException Translate(Pkcs11Exception failure, KeyUri uri)
    {
        var (type, problem) = failure.RV switch
        {
            CKR.CKR_PIN_LOCKED => (CdfErrorCode.AccessDenied, "its PIN is locked: unlock it with its own tool"),
            CKR.CKR_PIN_EXPIRED => (CdfErrorCode.AccessDenied, "its PIN has expired: change it with its own tool"),
            CKR.CKR_USER_PIN_NOT_INITIALIZED => (CdfErrorCode.AccessDenied, "it has no PIN of its user yet: set one with its own tool"),
            CKR.CKR_KEY_FUNCTION_NOT_PERMITTED => (CdfErrorCode.InvalidRequest, "the key may not sign (CKA_SIGN is false): make one that may"),
            CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID or CKR.CKR_KEY_TYPE_INCONSISTENT or CKR.CKR_KEY_SIZE_RANGE => (
                CdfErrorCode.InvalidRequest, $"it does not sign with such a key ({failure.RV}): use an RSA key, or one on P-256, P-384 or P-521"),
            CKR.CKR_SESSION_COUNT => (CdfErrorCode.Unavailable, "it has no session left: close other programs that use it"),
            CKR.CKR_DEVICE_REMOVED or CKR.CKR_TOKEN_NOT_PRESENT => (CdfErrorCode.Unavailable, "it is not there any more: plug it in"),
            _ => (CdfErrorCode.Unavailable, $"it answers {failure.Method} with {failure.RV}: look at it with its own tool"),
        };
        return type.Error($"The token of '{IotNames.Shown(uri.Text)}' cannot be used: {problem}.", failure);
    }
}
